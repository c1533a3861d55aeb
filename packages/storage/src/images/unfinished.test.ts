import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type TempStore, tempStore } from "../testing/temp-store.ts";

let temp: TempStore;
beforeEach(() => {
  temp = tempStore({ driver: "vfs" });
});
afterEach(() => {
  vi.restoreAllMocks();
  temp.remove();
});

const ID = "a".repeat(64);
const manifest = { key: "manifest", data: Buffer.from("{}") };
const inImages = (...names: string[]) => path.join(temp.directory, "graph/vfs-images", ...names);
/** What another process finds that looks at the layers. */
const look = () => temp.reopen().layers.list();
const listed = () =>
  temp
    .reopen()
    .images.list()
    .map(({ id }) => id);

it.each(["first item", "record"])(
  "the directory of an image whose making ended before its %s goes with the next use of the store",
  (end) => {
    const items = [manifest].values();
    const cutOff = {
      *[Symbol.iterator]() {
        if (end === "record") yield* items;
        fs.mkdirSync(inImages(ID), { recursive: true });
        throw new Error("killed");
      },
    };
    expect(() => temp.store.images.create({ id: ID, bigData: cutOff as unknown as (typeof manifest)[] })).toThrow("killed");
    expect(fs.existsSync(inImages(ID))).toBe(true);
    look();
    expect(fs.existsSync(inImages(ID))).toBe(false);
    expect(fs.readdirSync(inImages("unfinished"))).toEqual([]);
    expect(temp.store.images.create({ id: ID, bigData: [manifest] }).id).toBe(ID);
  },
);

it("so does that of one whose removal ended after its record had gone", () => {
  temp.store.images.create({ id: ID, bigData: [manifest] });
  const remove = fs.rmSync;
  vi.spyOn(fs, "rmSync").mockImplementation((target, options) => {
    if (String(target) === inImages(ID)) throw new Error("killed");
    remove(target, options);
  });
  expect(() => temp.store.images.remove(ID)).toThrow("killed");
  vi.restoreAllMocks();
  expect(listed()).toEqual([]);
  look();
  expect(fs.existsSync(inImages(ID))).toBe(false);
});

it("an image that is complete stays, also when only its note could not be taken away", () => {
  temp.store.images.create({ id: ID, bigData: [manifest] });
  expect(fs.readdirSync(inImages("unfinished"))).toEqual([]);
  fs.writeFileSync(inImages("unfinished", ID), "");
  look();
  expect(fs.readdirSync(inImages("unfinished"))).toEqual([]);
  expect(listed()).toEqual([ID]);
  expect(fs.existsSync(inImages(ID, "manifest"))).toBe(true);
});
