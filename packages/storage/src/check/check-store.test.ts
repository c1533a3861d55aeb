import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildTar } from "../testing/tar-builder.ts";
import { bytesOf, isRoot, type TempStore, tempStore } from "../testing/temp-store.ts";

let temp: TempStore;
beforeEach(() => {
  temp = tempStore();
});
afterEach(() => temp.remove());

const idOf = (digit: string): string => digit.repeat(64);

/** An image of two layers, of which the upper one deletes and replaces, with a container on it. */
async function sound(): Promise<{ readonly lower: string; readonly upper: string }> {
  const { store } = temp;
  const lower = await store.layers.put(
    {},
    bytesOf(
      buildTar([
        { name: "etc/" },
        { name: "etc/one", content: "one" },
        { name: "etc/two", content: "two" },
        { name: "etc/link", type: "symlink", linkName: "one" },
        { name: "etc/same", type: "hardlink", linkName: "etc/one" },
      ]),
    ),
  );
  const upper = await store.layers.put(
    { parent: lower.id },
    bytesOf(buildTar([{ name: "etc/.wh.two" }, { name: "etc/one", content: "1" }, { name: "deep/down/file", content: "x" }])),
  );
  store.images.create({ id: idOf("a"), layer: upper.id, names: ["one"], bigData: [{ key: "manifest", data: Buffer.from("{}") }] });
  return { lower: lower.id, upper: upper.id };
}

const diff = (id: string): string => temp.store.layers.diffPath(id);

describe.skipIf(!isRoot)("a check of the store", () => {
  it("finds nothing wrong with what is sound", async () => {
    await sound();
    temp.store.containers.create({ id: idOf("c"), names: ["c"], image: idOf("a"), metadata: "{}" });
    expect(await temp.store.check()).toEqual({ layers: {}, images: {}, containers: {}, unaccounted: [] });
  });

  it("finds files that have changed, were added or are missing, and what stands on them", async () => {
    const { lower, upper } = await sound();
    temp.store.containers.create({ id: idOf("c"), names: ["c"], image: idOf("a"), metadata: "{}" });
    fs.writeFileSync(path.join(diff(lower), "etc/one"), "eno");
    fs.writeFileSync(path.join(diff(upper), "deep/extra"), "");
    const damaged = await temp.store.check();
    expect(damaged.layers[lower]).toEqual([expect.stringContaining('file integrity checksum failed for "etc/one"')]);
    expect(damaged.images[idOf("a")]).toEqual(damaged.layers[lower]);
    expect(damaged.containers[idOf("c")]).toEqual(damaged.layers[lower]);
    expect(await temp.store.check({ quick: true })).toMatchObject({ layers: {} });
  });

  it("finds what an archive cannot tell: files too many, other modes and owners", async () => {
    const { upper } = await sound();
    fs.writeFileSync(path.join(diff(upper), "deep/extra"), "");
    fs.chmodSync(path.join(diff(upper), "etc/one"), 0o600);
    fs.chownSync(path.join(diff(upper), "deep/down/file"), 5, 5);
    const { layers } = await temp.store.check();
    expect(layers[upper]?.toSorted()).toEqual([
      `layer ${upper}: +/deep/extra, layer content modified`,
      `layer ${upper}: /deep/down/file: ownership, layer content modified`,
      `layer ${upper}: /etc/one: permissions, layer content modified`,
    ]);
  });

  it("finds attached data that is cut or missing, and records of what is gone", async () => {
    await sound();
    const directory = path.join(temp.directory, "graph", "overlay-images", idOf("a"));
    fs.writeFileSync(path.join(directory, "manifest"), "{");
    expect((await temp.store.check({ quick: true })).images[idOf("a")]?.[0]).toContain(
      'data item "manifest": image data item has incorrect size',
    );
    fs.writeFileSync(path.join(directory, "manifest"), "[]");
    expect((await temp.store.check({ quick: true })).images[idOf("a")]?.[0]).toContain("image data item has incorrect digest");
    fs.rmSync(path.join(directory, "manifest"));
    expect((await temp.store.check({ quick: true })).images[idOf("a")]?.[0]).toContain("image data item is missing");
  });

  it("finds layers that nothing names, once they are old enough, and those without a record", async () => {
    const { id } = await temp.store.layers.put({}, bytesOf(buildTar([{ name: "f" }])));
    fs.mkdirSync(path.join(temp.directory, "graph", "overlay", idOf("e"), "diff"), { recursive: true });
    const unknown = `layer ${idOf("e")}: layer in lower level storage driver not accounted for`;
    expect(await temp.store.check()).toMatchObject({ layers: { [idOf("e")]: [unknown] }, unaccounted: [idOf("e")] });
    const check = await temp.store.check({ unreferencedAge: 0 });
    expect(check.layers[id]).toEqual([`layer ${id}: layer not referenced by any images or containers`]);
    expect(await temp.store.repair(check, { containers: false })).toEqual([]);
    expect(await temp.store.check({ unreferencedAge: 0 })).toMatchObject({ layers: {} });
    expect(temp.store.layers.list()).toEqual([]);
  });
});

describe.skipIf(!isRoot)("damaged record files (needs root: layers with owners)", () => {
  const file = (kind: "layers" | "images" | "containers"): string => path.join(temp.directory, "graph", `overlay-${kind}`, `${kind}.json`);
  const sick = async (kind: "layers" | "images" | "containers", damage: (text: string) => string) => {
    await sound();
    temp.store.containers.create({ id: idOf("c"), names: ["c"], image: idOf("a"), metadata: "{}" });
    fs.writeFileSync(file(kind), damage(fs.readFileSync(file(kind), "utf8")));
    return temp.reopen();
  };

  it.each(["layers", "images", "containers"] as const)("name the repair: %s", async (kind) => {
    const store = await sick(kind, (text) => text.slice(0, -20));
    await expect(store.check()).rejects.toMatchObject({ hint: expect.stringContaining("system check --repair") });
    expect(await store.salvage()).toEqual(expect.arrayContaining([expect.stringContaining(`${kind}.json was damaged`)]));
    expect(fs.existsSync(`${file(kind)}.damaged`)).toBe(true);
    await store.check();
  });

  it.each([
    ["cut", (text: string) => text.slice(0, 300)],
    ["overwritten", () => "\0\0\0"],
    ["empty", () => ""],
  ] as const)("give layers back that images and containers stand on: %s", async (_how, damage) => {
    const store = await sick("layers", damage);
    const sentences = await store.salvage();
    expect(sentences.filter((sentence) => sentence.includes("was recovered"))).not.toEqual([]);
    expect(await store.check({ unreferencedAge: 0 })).toEqual({ layers: {}, images: {}, containers: {}, unaccounted: [] });
    expect(store.layers.list().filter(({ diffDigest }) => diffDigest !== undefined)).toHaveLength(2);
    const root = store.containers.mount(idOf("c"));
    expect(fs.readFileSync(path.join(root, "etc/one"), "utf8")).toBe("1");
  });

  it("leave nothing to do where all is well", async () => {
    await sound();
    expect(await temp.store.salvage()).toEqual([]);
  });

  it("of images: those come back whose config and layers are there", async () => {
    const { store } = temp;
    const lower = await store.layers.put({}, bytesOf(buildTar([{ name: "a" }])));
    const config = Buffer.from(
      JSON.stringify({ created: "2026-01-02T03:04:05Z", rootfs: { type: "layers", diff_ids: [lower.diffDigest] } }),
    );
    const id = new Bun.CryptoHasher("sha256").update(config).digest("hex");
    const bigData = [
      { key: "manifest", data: Buffer.from("{}") },
      { key: `sha256:${id}`, data: config },
    ];
    store.images.create({ id, layer: lower.id, names: ["one"], bigData });
    fs.mkdirSync(path.join(temp.directory, "graph/overlay-images", idOf("b")));
    fs.writeFileSync(file("images"), "garbage");
    const other = temp.reopen();
    await other.salvage();
    expect(other.images.list()).toMatchObject([{ id, layer: lower.id, names: [], created: "2026-01-02T03:04:05Z" }]);
    expect(Buffer.from(other.images.bigData(id, `sha256:${id}`) ?? "")).toEqual(config);
    expect(await other.check({ unreferencedAge: 0 })).toMatchObject({ layers: {}, images: {} });
  });
});

describe.skipIf(!isRoot)("a repair of the store", () => {
  it("of containers: one comes back whose layer is there and nobody else's", async () => {
    await sound();
    const { store } = temp;
    const options = { id: idOf("c"), names: ["c"], image: idOf("a"), metadata: "{}" };
    const before = store.containers.create(options);
    fs.writeFileSync(path.join(temp.directory, "graph/overlay-containers/containers.json"), "[]");
    const again = temp.reopen();
    expect(again.containers.list()).toEqual([]);
    expect(await again.recoverContainer({ ...options, id: idOf("d"), names: ["d"] })).toBe(false);
    expect(await again.recoverContainer(options)).toBe(true);
    expect(again.containers.get(idOf("c"))).toMatchObject({ names: ["c"], layer: before.layer, image: idOf("a") });
    expect(await again.recoverContainer(options)).toBe(false);
    expect(await again.check()).toEqual({ layers: {}, images: {}, containers: {}, unaccounted: [] });
  });

  it("removes a container whose own layer has no files, when told", async () => {
    const { store } = temp;
    await sound();
    const { layer } = store.containers.create({ id: idOf("c"), names: ["c"], image: idOf("a"), metadata: "{}" });
    fs.rmSync(path.dirname(diff(layer)), { recursive: true });
    const check = await store.check();
    expect(check.containers[idOf("c")]).toEqual([`layer ${layer}: its files are missing`]);
    expect(await store.repair(check, { containers: true })).toEqual([]);
    expect(store.containers.list()).toEqual([]);
    expect(await store.check({ unreferencedAge: 0 })).toEqual({ layers: {}, images: {}, containers: {}, unaccounted: [] });
  });

  it("removes damaged images, and containers only when told", async () => {
    const { lower } = await sound();
    temp.store.containers.create({ id: idOf("c"), names: ["c"], image: idOf("a"), metadata: "{}" });
    fs.rmSync(path.join(diff(lower), "etc/two"));
    const check = await temp.store.check();
    const refused = await temp.store.repair(check, { containers: false });
    expect(refused.length).toBeGreaterThan(0);
    expect(temp.store.containers.get(idOf("c"))).toBeDefined();
    expect(await temp.store.repair(await temp.store.check(), { containers: true })).toEqual([]);
    expect(temp.store.containers.list()).toEqual([]);
    expect(temp.store.images.list()).toEqual([]);
    expect(await temp.store.check({ unreferencedAge: 0 })).toEqual({ layers: {}, images: {}, containers: {}, unaccounted: [] });
  });
});
