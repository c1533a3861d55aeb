import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../open-store.ts";
import { buildTar } from "../testing/tar-builder.ts";
import { bytesOf, isRoot, type TempStore, tempStore } from "../testing/temp-store.ts";
import { bigDataFileName } from "./big-data.ts";

let temp: TempStore;
beforeEach(() => {
  temp = tempStore();
});
afterEach(() => temp.remove());

const idOf = (digit: string): string => digit.repeat(64);
const layerOf = async (name: string, parent?: string): Promise<string> =>
  (await temp.store.layers.put({ parent }, bytesOf(buildTar([{ name }])))).id;

describe("attached items", () => {
  it("are in files of the original's names", () => {
    expect(bigDataFileName("manifest")).toBe("manifest");
    expect(bigDataFileName("instances.json")).toBe("instances.json");
    expect(bigDataFileName("manifest-sha256:ab")).toBe(`=${Buffer.from("manifest-sha256:ab").toString("base64")}`);
    expect(bigDataFileName("sha256:ab")).toBe(`=${Buffer.from("sha256:ab").toString("base64")}`);
    expect(bigDataFileName("endX")).toBe("endX");
    expect(() => bigDataFileName("")).toThrow();
    for (const key of [".", "..", "a/b", "../x"]) expect(bigDataFileName(key)).toMatch(/^=/);
  });

  it("are noted with size and digest, and kept apart by image", () => {
    const { images } = temp.store;
    images.create({ id: idOf("a"), bigData: [{ key: "manifest", data: Buffer.from("{}") }] });
    images.setBigData(idOf("a"), "sha256:x", Buffer.from("config"));
    const image = images.get(idOf("a"));
    expect(image?.bigDataNames).toEqual(["manifest", "sha256:x"]);
    expect(image?.bigDataSizes).toEqual({ manifest: 2, "sha256:x": 6 });
    expect(image?.bigDataDigests["manifest"]).toBe("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    expect(Buffer.from(images.bigData(idOf("a"), "sha256:x") ?? []).toString()).toBe("config");
    expect(images.bigData(idOf("a"), "other")).toBeUndefined();
    expect(images.hasBigData({ id: idOf("a"), readOnly: false }, "sha256:x")).toBe(true);
    expect(images.hasBigData({ id: idOf("a"), readOnly: false }, "other")).toBe(false);
    expect(images.findByDigest("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a").map((one) => one.id)).toEqual([
      idOf("a"),
    ]);
  });
});

describe("names", () => {
  it("move to whoever takes them, and stay in the history", () => {
    const { images } = temp.store;
    images.create({ id: idOf("a"), names: ["one", "two"] });
    images.create({ id: idOf("b"), names: ["two"] });
    expect(images.get(idOf("a"))).toMatchObject({ names: ["one"], namesHistory: ["two", "one"] });
    images.addNames(idOf("a"), ["two", "three"]);
    expect(images.get("two")?.id).toBe(idOf("a"));
    expect(images.get(idOf("b"))).toMatchObject({ names: [], namesHistory: ["two"] });
    images.removeNames(idOf("a"), ["one"]);
    expect(images.get("one")).toBeUndefined();
    expect(images.get(idOf("a"))?.namesHistory).toContain("one");
  });

  it("are found before id prefixes, and an ambiguous prefix finds nothing", () => {
    const { images } = temp.store;
    images.create({ id: `ab${idOf("1").slice(2)}`, names: ["abc"] });
    images.create({ id: `abc${idOf("1").slice(3)}` });
    expect(images.get("abc")?.id).toBe(`ab${idOf("1").slice(2)}`);
    expect(images.get("ab")).toBeUndefined();
    expect(images.get("abc1")?.id).toBe(`abc${idOf("1").slice(3)}`);
    expect(() => images.create({ id: `abc${idOf("1").slice(3)}` })).toThrow(/already exists/);
    for (const id of ["../evil", "", "a/b", ".x"]) expect(() => images.create({ id })).toThrow(/invalid id/);
  });
});

describe("removal", () => {
  it("takes the layers that nothing else needs", async () => {
    const base = await layerOf("base");
    const left = await layerOf("left", base);
    const right = await layerOf("right", base);
    temp.store.images.create({ id: idOf("a"), layer: left });
    temp.store.images.create({ id: idOf("b"), layer: right });
    expect(temp.store.images.remove(idOf("a"))).toEqual([left]);
    expect(temp.store.layers.list().map((layer) => layer.id)).toEqual([base, right]);
    expect(temp.store.images.remove(idOf("b"))).toEqual([right, base]);
    expect(temp.store.layers.list()).toEqual([]);
    expect(() => temp.store.images.remove(idOf("b"))).toThrow(/not known/);
  });

  it("is refused while a container stands on the image or its layer", async () => {
    const base = await layerOf("base");
    temp.store.images.create({ id: idOf("a"), layer: base });
    const container = temp.store.containers.create({ image: idOf("a") });
    expect(() => temp.store.images.remove(idOf("a"))).toThrow(/in use by container/);
    expect(() => temp.store.layers.remove(base)).toThrow();
    temp.store.containers.remove(container.id);
    temp.store.images.remove(idOf("a"));
    expect(temp.store.layers.list()).toEqual([]);
  });

  it("keeps keys of the records that it does not know", async () => {
    const file = path.join(temp.directory, "graph/overlay-images/images.json");
    temp.store.images.create({ id: idOf("a") });
    const [record] = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, unknown>[];
    fs.writeFileSync(file, JSON.stringify([{ ...record, "of-the-future": { x: 1 } }]));
    temp.reopen().images.addNames(idOf("a"), ["n"]);
    expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual([
      { ...record, "of-the-future": { x: 1 }, names: ["n"], "names-history": ["n"] },
    ]);
  });
});

describe("a damaged records file", () => {
  it("is named in the error", () => {
    const file = path.join(temp.directory, "graph/overlay-images/images.json");
    for (const text of ["{", "{}", '[{"id":5}]']) {
      fs.writeFileSync(file, text);
      expect(() => temp.reopen().images.list()).toThrow(/images\.json/);
    }
    fs.writeFileSync(file, "");
    expect(temp.reopen().images.list()).toEqual([]);
  });
});

describe.skipIf(!isRoot)("containers (needs root: mounts)", () => {
  it("on an additional store's image, which stays untouched", async () => {
    const layer = await layerOf("from-below");
    temp.store.images.create({
      id: idOf("a"),
      names: ["localhost/shared:1"],
      layer,
      bigData: [{ key: "manifest", data: Buffer.from("{}") }],
    });
    const before = fs.readdirSync(path.join(temp.directory, "graph"), { recursive: true }).length;
    const store = openStore({
      graphRoot: path.join(temp.directory, "second"),
      runRoot: path.join(temp.directory, "run2"),
      driver: "overlay",
      driverOptions: [`overlay.imagestore=${path.join(temp.directory, "graph")}`],
    });
    expect(store.images.get("localhost/shared:1")).toMatchObject({ id: idOf("a"), readOnly: true });
    expect(store.images.bigData(idOf("a"), "manifest")).toBeDefined();
    // The same image in the store itself comes before the other's, and is the one that its id and name mean.
    store.images.create({ id: idOf("a"), names: ["localhost/shared:1"], layer });
    expect(store.images.list().map(({ id, readOnly }) => [id, readOnly])).toEqual([
      [idOf("a"), false],
      [idOf("a"), true],
    ]);
    expect(store.images.get(idOf("a").slice(0, 12))).toMatchObject({ readOnly: false });
    store.images.remove(idOf("a"));
    const container = store.containers.create({ image: idOf("a"), names: ["c"] });
    const root = store.containers.mount(container.id);
    expect(fs.readdirSync(root)).toEqual(["from-below"]);
    fs.writeFileSync(path.join(root, "own"), "");
    const shared = store.layers.mount(layer);
    expect(() => fs.writeFileSync(path.join(shared, "x"), "")).toThrow(/EROFS/);
    store.layers.unmount(layer);
    store.containers.remove(container.id);
    expect(fs.readdirSync(path.join(temp.directory, "graph"), { recursive: true })).toHaveLength(before);
    expect(() => store.images.remove(idOf("a"))).toThrow();
  });

  it("are named in the store itself when an additional store has them: its record comes along, its layers stay there", async () => {
    const layer = await layerOf("from-below");
    const manifest = { key: "manifest", data: Buffer.from("{}") };
    temp.store.images.create({ id: idOf("a"), names: ["localhost/shared:1"], layer, digest: "sha256:x", bigData: [manifest] });
    const record = fs.readFileSync(path.join(temp.directory, "graph/overlay-images/images.json"), "utf8");
    const { images, layers, containers } = openStore({
      graphRoot: path.join(temp.directory, "second"),
      runRoot: path.join(temp.directory, "run2"),
      driver: "overlay",
      driverOptions: [`overlay.imagestore=${path.join(temp.directory, "graph")}`],
    });
    images.addNames("localhost/shared:1", ["localhost/mine:1"]);
    expect(images.get("localhost/mine:1")).toMatchObject({
      id: idOf("a"),
      names: ["localhost/mine:1", "localhost/shared:1"],
      digest: "sha256:x",
      layer,
      readOnly: false,
    });
    expect(Buffer.from(images.bigData(idOf("a"), "manifest") ?? []).toString()).toBe("{}");
    images.removeNames(idOf("a"), ["localhost/mine:1"]);
    expect(images.get(idOf("a"))?.names).toEqual(["localhost/shared:1"]);
    const container = containers.create({ image: idOf("a") });
    expect(() => images.remove(idOf("a"))).toThrow(/in use by container/);
    containers.remove(container.id);
    expect(images.remove(idOf("a"))).toEqual([]);
    expect(layers.get(layer)).toBeDefined();
    expect(images.get("localhost/shared:1")).toMatchObject({ readOnly: true });
    expect(() => images.addNames("nosuch", ["localhost/x:1"])).toThrow(/nosuch: image not known/);
    expect(fs.readFileSync(path.join(temp.directory, "graph/overlay-images/images.json"), "utf8")).toBe(record);
  });

  it("keep their directories, names and metadata", () => {
    const { containers } = temp.store;
    const container = containers.create({ names: ["web"], metadata: "{}", processLabel: "p", mountLabel: "" });
    expect(temp.store.layers.get("web-layer")?.id).toBe(container.layer);
    expect(() => containers.create({ names: ["web"] })).toThrow(/already in use/);
    expect(containers.directory("web")).toBe(path.join(temp.directory, "graph/overlay-containers", container.id, "userdata"));
    expect(fs.statSync(containers.runDirectory(container.id)).mode & 0o777).toBe(0o700);
    containers.setNames(container.id, ["shop"]);
    containers.setMetadata("shop", '{"x":1}');
    containers.setBigData("shop", "buildah.json", Buffer.from("b"));
    expect(containers.get(container.id.slice(0, 12))).toMatchObject({
      names: ["shop"],
      metadata: '{"x":1}',
      bigDataNames: ["buildah.json"],
      volatile: false,
    });
    containers.remove("shop");
    expect(fs.readdirSync(path.join(temp.directory, "graph/overlay-containers")).filter((name) => name.length === 64)).toEqual([]);
    expect(() => containers.remove("shop")).not.toThrow();
  });

  it("that are volatile stand in files of their own", () => {
    const container = temp.store.containers.create({ volatile: true });
    const read = (name: string): string => fs.readFileSync(path.join(temp.directory, "graph", name), "utf8");
    expect(read("overlay-containers/volatile-containers.json")).toContain(`"Volatile":true`);
    expect(read("overlay-layers/volatile-layers.json")).toContain(container.layer);
    expect(fs.existsSync(path.join(temp.directory, "graph/overlay-containers/containers.json"))).toBe(false);
  });
});
