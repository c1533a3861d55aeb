import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { Store } from "../store.ts";
import { buildTar, type TarPart } from "../testing/tar-builder.ts";
import { bytesOf, collect, isRoot, type TempStore, tempStore } from "../testing/temp-store.ts";
import { type BlobRange, parseChunkedAnnotations } from "./annotations.ts";
import { ContentSplitter, MAXIMUM_CHUNK } from "./content-splitter.ts";
import type { TocEntry } from "./toc.ts";
import { writeChunked } from "./write-chunked.ts";

/** A blob as a registry would have it, and how it is asked for. */
interface Blob {
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Bytes that do not repeat, the same in each run. */
function noise(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

const BIG = noise(400_000, 7);
const FILES: readonly TarPart[] = [
  { name: "etc/" },
  { name: "etc/hello", content: "hello", mode: 0o640, uid: 3, gid: 4 },
  { name: "etc/empty" },
  { name: "etc/link", type: "symlink", linkName: "hello" },
  { name: "etc/hard", type: "hardlink", linkName: "etc/hello" },
  { name: "big", content: BIG },
  { name: "holes", content: Buffer.concat([Buffer.alloc(5000), noise(3000, 9), Buffer.alloc(70_000), Buffer.from("end")]) },
  { name: `${"long/".repeat(40)}name`, content: "deep" },
];

async function chunked(tar: Buffer): Promise<Blob> {
  let annotations: Blob["annotations"] = {};
  const bytes = await collect(writeChunked(bytesOf(tar, 100_000), { done: (written) => (annotations = written) }));
  return { bytes, annotations };
}

function readerOf(bytes: Buffer, asked: BlobRange[] = []) {
  return async function* read(ranges: readonly BlobRange[]) {
    for (const range of ranges) {
      asked.push(range);
      yield bytes.subarray(range.offset, range.offset + range.length);
    }
  };
}

async function pull(store: Store, blob: Blob, expectedDiffId?: string): Promise<{ readonly id: string; readonly fetched: number }> {
  const origin = await store.layers.openPartial({ annotations: blob.annotations, size: blob.bytes.length, read: readerOf(blob.bytes) });
  if (origin === undefined) throw new Error("not a chunked blob");
  const staged = await store.layers.stage({ origin, expectedDiffId }, origin.stream);
  try {
    return { id: store.layers.putStaged({}, staged).id, fetched: origin.fetched };
  } finally {
    staged.discard();
  }
}

/** The blob with another table of contents, correctly signed by its annotations. */
function withToc(blob: Blob, change: (toc: { version: number; entries: TocEntry[]; tarSplitDigest?: string }) => void): Blob {
  const place = parseChunkedAnnotations(blob.annotations, blob.bytes.length);
  if (place?.tarSplit === undefined) throw new Error("no table of contents");
  const cut = (range: BlobRange): Buffer => blob.bytes.subarray(range.offset, range.offset + range.length);
  const toc = JSON.parse(zlib.zstdDecompressSync(cut(place.toc)).toString()) as { version: number; entries: TocEntry[] };
  change(toc);
  const plain = Buffer.from(JSON.stringify(toc));
  const packed = zlib.zstdCompressSync(plain);
  const digest = `sha256:${new Bun.CryptoHasher("sha256").update(packed).digest("hex")}`;
  const { offset } = place.toc;
  const [checksum, position, split] = ["manifest-checksum", "manifest-position", "tarsplit-position"].map(
    (name) => `io.github.containers.zstd-chunked.${name}`,
  ) as [string, string, string];
  const annotations = {
    [checksum]: digest,
    [position]: `${offset}:${packed.length}:${plain.length}:1`,
    [split]: `${offset + packed.length}:${place.tarSplit.length}:${place.tarSplitSize}`,
  };
  return { bytes: Buffer.concat([blob.bytes.subarray(0, offset), packed, cut(place.tarSplit)]), annotations };
}

describe("ContentSplitter", () => {
  function split(bytes: Buffer, step: number): Array<[number, boolean]> {
    const chunks: Array<[number, boolean]> = [];
    const splitter = new ContentSplitter((size, content) => chunks.push([size, content === undefined]));
    for (let at = 0; at < bytes.length; at += step) splitter.push(bytes.subarray(at, at + step));
    splitter.finish();
    return chunks;
  }

  it("cuts where the contents say, however they come", () => {
    const bytes = noise(1 << 20, 3);
    const whole = split(bytes, bytes.length);
    expect(whole.length).toBeGreaterThan(4);
    expect(split(bytes, 4096)).toEqual(whole);
    expect(split(bytes, 77_777)).toEqual(whole);
    // What was inserted in front moves the first boundaries only.
    const sizes = new Set(whole.map(([size]) => size));
    expect(split(Buffer.concat([noise(1000, 5), bytes]), 4096).filter(([size]) => sizes.has(size)).length).toBeGreaterThan(
      whole.length - 3,
    );
  });

  it("makes long runs of zeros chunks of their own, in bounded pieces", () => {
    const bytes = Buffer.concat([noise(100, 1), Buffer.alloc(1023), noise(100, 2), Buffer.alloc(1024), noise(10, 3), Buffer.alloc(2000)]);
    expect(split(bytes, 333)).toEqual([
      [1223, false],
      [1024, true],
      [10, false],
      [2000, true],
    ]);
    const large = split(Buffer.alloc(3 * MAXIMUM_CHUNK + 5), 1 << 20);
    expect(large.every(([size, zeros]) => zeros && size <= 2 * MAXIMUM_CHUNK)).toBe(true);
    expect(large.reduce((sum, [size]) => sum + size, 0)).toBe(3 * MAXIMUM_CHUNK + 5);
  });
});

describe("zstd:chunked", () => {
  const stores: TempStore[] = [];
  afterEach(() => {
    for (const one of stores.splice(0)) one.remove();
  });
  const newStore = (): Store => {
    const made = tempStore();
    stores.push(made);
    return made.store;
  };

  it("is zstd for whoever does not know it, and says where its parts are", async () => {
    const tar = buildTar(FILES);
    const { bytes, annotations } = await chunked(tar);
    expect(zlib.zstdDecompressSync(bytes).equals(tar)).toBe(true);
    expect(Object.keys(annotations).sort()).toEqual(
      ["manifest-checksum", "manifest-position", "tarsplit-position"].map((name) => `io.github.containers.zstd-chunked.${name}`),
    );
    expect(bytes.toString("latin1", bytes.length - 8)).toBe("GNUlInUx");
  });

  it("has no table of contents for what that cannot describe", async () => {
    const twice = buildTar([
      { name: "a", content: "1" },
      { name: "a", content: "2" },
    ]);
    const { bytes, annotations } = await chunked(twice);
    expect(annotations).toEqual({});
    expect(zlib.zstdDecompressSync(bytes).equals(twice)).toBe(true);
  });

  it.skipIf(!isRoot)("is fetched in parts: only what no layer of the store holds", async () => {
    const store = newStore();
    const first = await pull(store, await chunked(buildTar(FILES)));
    // One byte of a large file, and a new file.
    const changed = Buffer.from(BIG);
    changed[200_000] = (changed[200_000] ?? 0) ^ 1;
    const others = FILES.map((file) => (file.name === "big" ? { ...file, content: changed } : file));
    const tar = buildTar([...others, { name: "new", content: "new" }]);
    const blob = await chunked(tar);
    const second = await pull(store, blob);
    expect(second.fetched).toBeGreaterThan(0);
    expect(second.fetched).toBeLessThan(blob.bytes.length / 2);
    expect(first.fetched).toBeGreaterThan(BIG.length);
    expect((await collect(store.layers.diff(second.id))).equals(tar)).toBe(true);
    const record = store.layers.get(second.id);
    expect(record?.tocDigest).toBe(blob.annotations["io.github.containers.zstd-chunked.manifest-checksum"]);
    expect(record?.compressedDigest).toBeUndefined();
    expect(record?.bigDataNames).toContain("zstd-chunked-manifest");
    expect((await store.check()).layers).toEqual({});
  });

  it.skipIf(!isRoot)("fetches anew what was changed in the store behind its back", async () => {
    const store = newStore();
    const { id } = await pull(store, await chunked(buildTar(FILES)));
    fs.writeFileSync(path.join(store.layers.diffPath(id), "etc/hello"), "HELLO");
    const tar = buildTar([...FILES, { name: "new", content: "new" }]);
    const second = await pull(store, await chunked(tar));
    expect((await collect(store.layers.diff(second.id))).equals(tar)).toBe(true);
  });

  describe.skipIf(!isRoot)("refuses, leaving nothing behind,", () => {
    const change = (at: string, what: Partial<TocEntry>) => (blob: Blob) =>
      withToc(blob, (toc) => {
        toc.entries = toc.entries.map((entry) => (entry.name === at && entry.type !== "chunk" ? { ...entry, ...what } : entry));
      });
    const bad = `sha256:${"0".repeat(64)}`;
    const cases: ReadonlyArray<readonly [string, (blob: Blob) => Blob, RegExp]> = [
      [
        "another table of contents",
        (blob) => ({ ...blob, annotations: { ...blob.annotations, "io.github.containers.zstd-chunked.manifest-checksum": bad } }),
        /TOC has digest/,
      ],
      ["a table outside of the blob", (blob) => ({ ...blob, bytes: blob.bytes.subarray(0, 1000) }), /outside of the blob/],
      ["contents outside of the blob", change("etc/hello", { offset: 10 ** 9, endOffset: 10 ** 9 + 10 }), /outside of the blob/],
      ["overlapping contents", change("big", { offset: 30 }), /overlap/],
      ["paths that lead outside", change("etc/empty", { name: "../../etc/empty" }), /TOC/],
      ["absolute paths", change("etc/empty", { name: "/etc/shadow" }), /TOC/],
      [
        "files that the archive does not have",
        (blob) => withToc(blob, (toc) => void toc.entries.push({ type: "dir", name: "more/" })),
        /not present in tar-split/,
      ],
      ["names that come twice", (blob) => withToc(blob, (toc) => void toc.entries.push({ type: "reg", name: "etc/hello" })), /duplicate/],
      ["lying sizes", change("etc/hello", { size: 4 }), /inconsistent/],
      ["lying sizes of chunks", change("big", { chunkSize: 1 }), /inconsistent/],
      ["other contents than the digest says", change("etc/hello", { digest: bad }), /digest/],
      ["another owner than the archive's", change("etc/hello", { uid: 0 }), /mismatch of uid/],
      ["another mode", change("etc/hello", { mode: 0o4755 }), /mismatch of mode/],
      ["another version", (blob) => withToc(blob, (toc) => void (toc.version = 2)), /version/],
      ["another tar-split", (blob) => withToc(blob, (toc) => void (toc.tarSplitDigest = bad)), /tar-split data has digest/],
    ];
    it.each(cases)("%s", async (_name, spoil, message) => {
      const store = newStore();
      const blob = spoil(await chunked(buildTar(FILES)));
      await expect(pull(store, blob)).rejects.toThrow(message);
      expect(store.layers.list()).toEqual([]);
      const temporary = path.join(store.graphRoot, "overlay/tempdirs");
      expect(fs.existsSync(temporary) ? fs.readdirSync(temporary) : []).toEqual([]);
    });

    it("another archive than the image's config says", async () => {
      const store = newStore();
      await expect(pull(store, await chunked(buildTar(FILES)), bad)).rejects.toThrow(/uncompressed layer has digest/);
      expect(store.layers.list()).toEqual([]);
    });

    it("a table of contents that is larger than it says", async () => {
      const blob = await chunked(buildTar(FILES));
      const key = "io.github.containers.zstd-chunked.manifest-position";
      const position = (blob.annotations[key] ?? "").split(":");
      for (const [size, message] of [
        ["100", /decompressed to 100 bytes/],
        ["99999999999", /too large/],
      ] as const) {
        const annotations = { ...blob.annotations, [key]: `${position[0]}:${position[1]}:${size}:1` };
        await expect(pull(newStore(), { ...blob, annotations })).rejects.toThrow(message);
      }
    });
  });

  it.skipIf(!isRoot)("finds files of layers that came as a whole where images are converted", async () => {
    const made = tempStore({ pullOptions: ["enable_partial_images=true", "convert_images=true"] });
    stores.push(made);
    const { store } = made;
    const whole = await store.layers.put({}, bytesOf(buildTar(FILES)));
    expect(whole.bigDataNames).toContain("zstd-chunked-manifest");
    expect(whole.tocDigest).toBeUndefined();
    const tar = buildTar([...FILES, { name: "new", content: "new" }]);
    const second = await pull(store, await chunked(tar));
    expect(second.fetched).toBeLessThan(1000);
    expect((await collect(store.layers.diff(second.id))).equals(tar)).toBe(true);
  });

  it.skipIf(!isRoot)("makes equal files one where hard links are asked for", async () => {
    const made = tempStore({ pullOptions: ["use_hard_links=true"] });
    stores.push(made);
    const { store } = made;
    const first = await pull(store, await chunked(buildTar(FILES)));
    const other = FILES.map((file) => (file.name === "holes" ? { ...file, mode: 0o600 } : file));
    const tar = buildTar([...other, { name: "new", content: "new" }]);
    const second = await pull(store, await chunked(tar));
    const inode = (id: string, name: string): number => fs.statSync(path.join(store.layers.diffPath(id), name)).ino;
    expect(inode(second.id, "etc/hello")).toBe(inode(first.id, "etc/hello"));
    expect(inode(second.id, "holes")).not.toBe(inode(first.id, "holes"));
    expect((await collect(store.layers.diff(second.id))).equals(tar)).toBe(true);
  });
});
