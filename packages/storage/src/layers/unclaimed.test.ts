import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { buildTar } from "../testing/tar-builder.ts";
import { bytesOf, type TempStore, tempStore } from "../testing/temp-store.ts";

let temp: TempStore;
beforeEach(() => {
  temp = tempStore({ driver: "vfs" });
});
afterEach(() => temp.remove());

const notes = () => path.join(temp.directory, "graph/vfs-layers/unclaimed");
const put = (name: string, parent?: string) =>
  temp.store.layers.put(parent === undefined ? {} : { parent }, bytesOf(buildTar([{ name, content: name }])));
const layerIds = () =>
  temp
    .reopen()
    .layers.list()
    .map(({ id }) => id);
/** What a process leaves that is killed between the last layer and the image: its notes without their lock. */
function leaveNotes(...ids: string[]): void {
  fs.rmSync(notes(), { recursive: true, force: true });
  fs.mkdirSync(notes());
  fs.writeFileSync(path.join(notes(), "dead"), ids.map((id) => `${id}\n`).join(""));
}

it("layers of a process that lives stay, and are noted until their image is there", async () => {
  const base = await put("base");
  const top = await put("top", base.id);
  expect(fs.readdirSync(notes())).toHaveLength(1);
  expect(layerIds()).toEqual([base.id, top.id]);
  temp.store.images.create({ id: "a".repeat(64), layer: top.id });
  expect(fs.readdirSync(notes())).toEqual([]);
  expect(layerIds()).toEqual([base.id, top.id]);
});

it("layers of a process that was killed before their image was there go", async () => {
  const base = await put("base");
  const top = await put("top", base.id);
  leaveNotes(base.id, top.id);
  expect(layerIds()).toEqual([]);
  expect(fs.readdirSync(notes())).toEqual([]);
});

it("those that something came to need stay", async () => {
  const base = await put("base");
  const used = await put("used", base.id);
  const carrying = await put("carrying");
  const child = await put("child", carrying.id);
  temp.store.images.create({ id: "a".repeat(64), layer: used.id });
  leaveNotes(base.id, used.id, carrying.id, "f".repeat(64));
  expect(layerIds()).toEqual([base.id, used.id, carrying.id, child.id]);
});
