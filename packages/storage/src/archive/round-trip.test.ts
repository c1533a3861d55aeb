import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import { fsPath } from "@containers/common/fs/raw-names";
import { AT_FDCWD } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, collect, isRoot, sh, type TempStore, tempStore } from "../testing/temp-store.ts";
import { TarReader } from "./read-tar.ts";
import { walkTree } from "./walk-tree.ts";

let temp: TempStore;
let tree: string;

/** A tree with all that archives find hard. */
function makeTree(directory: string): void {
  const long = path.join(directory, `a${"b".repeat(120)}`, `c${"d".repeat(150)}`);
  fs.mkdirSync(long, { recursive: true });
  fs.writeFileSync(path.join(long, `e${"f".repeat(200)}`), "long names");
  fs.mkdirSync(path.join(directory, "bin"));
  fs.writeFileSync(path.join(directory, "bin/tool"), Buffer.alloc(3_000_001, 7), { mode: 0o755 });
  fs.chmodSync(path.join(directory, "bin/tool"), 0o4755);
  fs.linkSync(path.join(directory, "bin/tool"), path.join(directory, "bin/alias"));
  fs.symlinkSync("bin/tool", path.join(directory, "link"));
  fs.symlinkSync(`../${"x".repeat(180)}`, path.join(directory, "long-link"));
  fs.writeFileSync(path.join(directory, "empty"), "");
  fs.writeFileSync(path.join(directory, "Főtanúsítvány"), "not ascii");
  fs.writeFileSync(fsPath(`${directory}/latin-1 caf\udce9`), "not UTF-8");
  fs.symlinkSync(Buffer.from("caf\xe9", "latin1"), fsPath(`${directory}/link-\udcff`));
  fs.writeFileSync(path.join(directory, "<&>\"'"), "quoted");
  const sparse = fs.openSync(path.join(directory, "sparse"), "w");
  fs.writeSync(sparse, "start", 0);
  for (let piece = 1; piece < 30; piece++) fs.writeSync(sparse, Buffer.alloc(5000, piece), 0, 5000, piece * 1_000_000);
  fs.ftruncateSync(sparse, 40_000_000);
  fs.closeSync(sparse);
  if (!isRoot) return;
  fs.chownSync(path.join(directory, "empty"), 1234, 4321);
  sh("mknod", [path.join(directory, "null"), "c", "1", "3"]);
  sh("mkfifo", [path.join(directory, "pipe")]);
  linuxSys().lsetxattr(path.join(directory, "empty"), "user.note", Buffer.from([1, 0, 10, 61, 255]));
  linuxSys().lsetxattr(
    path.join(directory, "bin/tool"),
    "security.capability",
    Buffer.from("0100000200200000000000000000000000000000", "hex"),
  );
}

/** What of a tree an archive must keep. */
function fingerprint(directory: string): Record<string, string> {
  const sys = linuxSys();
  const result: Record<string, string> = {};
  for (const file of walkTree(sys, directory)) {
    const full = `${directory}/${file.path}`;
    const kind = file.stat.mode & 0o170000;
    const content =
      kind === 0o100000
        ? createHash("sha256")
            .update(fs.readFileSync(fsPath(full)))
            .digest("hex")
        : kind === 0o120000
          ? sys.readlinkat(AT_FDCWD, full)
          : String(file.stat.rdev);
    const attributes = sys.llistxattr(full).map((key) => `${key}=${Buffer.from(sys.lgetxattr(full, key) ?? []).toString("hex")}`);
    const { mode, uid, gid, nlink, mtimeSec } = file.stat;
    result[file.path] = [mode.toString(8), uid, gid, kind === 0o40000 ? 0 : nlink, mtimeSec, content, ...attributes].join(" ");
  }
  return result;
}

beforeAll(() => {
  temp = tempStore();
  tree = path.join(temp.directory, "tree");
  fs.mkdirSync(tree);
  makeTree(tree);
});
afterAll(() => temp.remove());

describe.skipIf(!isRoot)("archives of GNU tar (needs root: files of other owners and devices)", () => {
  const formats: Record<string, string[]> = {
    gnu: ["--format=gnu"],
    oldgnu: ["--format=oldgnu"],
    "gnu sparse": ["--format=gnu", "-S"],
    pax: ["--format=pax", "--xattrs", "--xattrs-include=*"],
    "pax sparse 0.0": ["--format=pax", "-S", "--sparse-version=0.0"],
    "pax sparse 0.1": ["--format=pax", "-S", "--sparse-version=0.1"],
    "pax sparse 1.0": ["--format=pax", "-S", "--sparse-version=1.0", "--xattrs", "--xattrs-include=*"],
    "big blocking factor": ["--format=pax", "-b", "400"],
  };
  for (const [name, options] of Object.entries(formats)) {
    it(`${name}: files as they were, and the same bytes back`, async () => {
      const archive = path.join(temp.directory, "archive.tar");
      sh("tar", [...options, "-C", tree, "-cf", archive, "."]);
      const layer = await temp.store.layers.put({}, bytesOf(archive, 100_003));
      const expected = fingerprint(tree);
      if (!options.includes("--xattrs"))
        for (const key of Object.keys(expected)) expected[key] = expected[key]?.replace(/ (user|security)\..*/, "") ?? "";
      expect(fingerprint(temp.store.layers.diffPath(layer.id))).toEqual(expected);
      const again = await collect(temp.store.layers.diff(layer.id));
      const borrowed: Buffer[] = [];
      for await (const piece of temp.store.layers.diff(layer.id, { borrowed: true, wholeIsVerified: true }))
        borrowed.push(Buffer.from(piece));
      expect(Buffer.concat(borrowed).equals(again)).toBe(true);
      expect(again.equals(fs.readFileSync(archive))).toBe(true);
      expect(layer.diffDigest).toBe(`sha256:${createHash("sha256").update(again).digest("hex")}`);
      temp.store.layers.remove(layer.id);
    });
  }

  it("keeps nanoseconds of pax times", async () => {
    const archive = path.join(temp.directory, "times.tar");
    sh("tar", ["--format=pax", "--mtime=2020-02-03 04:05:06.123456789 UTC", "-C", tree, "-cf", archive, "./empty"]);
    const layer = await temp.store.layers.put({}, bytesOf(archive));
    expect(fs.statSync(path.join(temp.store.layers.diffPath(layer.id), "empty"), { bigint: true }).mtimeNs).toBe(1580702706123456789n);
    temp.store.layers.remove(layer.id);
  });

  it("keeps sparse files sparse", async () => {
    const archive = path.join(temp.directory, "sparse.tar");
    sh("tar", ["--format=pax", "-S", "-C", tree, "-cf", archive, "./sparse"]);
    const layer = await temp.store.layers.put({}, bytesOf(archive));
    const stat = fs.statSync(path.join(temp.store.layers.diffPath(layer.id), "sparse"));
    expect(stat.size).toBe(40_000_000);
    expect(stat.blocks * 512).toBeLessThan(2_000_000);
    temp.store.layers.remove(layer.id);
  });
});

describe("compressed layers", () => {
  const pack: Record<string, [number, (bytes: Buffer) => Buffer]> = {
    gzip: [2, (bytes) => zlib.gzipSync(bytes)],
    "gzip in members": [2, (bytes) => Buffer.concat([zlib.gzipSync(bytes.subarray(0, 5000)), zlib.gzipSync(bytes.subarray(5000))])],
    zstd: [4, (bytes) => zlib.zstdCompressSync(bytes)],
    xz: [3, (bytes) => compressBy("xz", bytes)],
    bzip2: [1, (bytes) => compressBy("bzip2", bytes)],
  };
  for (const [name, [number, compress]] of Object.entries(pack)) {
    it(`${name}: told from its bytes, both digests noted`, async () => {
      const plain = path.join(temp.directory, "plain.tar");
      sh("tar", ["-C", tree, "-cf", plain, "./bin", "./link"]);
      const tar = fs.readFileSync(plain);
      const blob = compress(tar);
      const layer = await temp.store.layers.put({ id: "ab".repeat(32) }, bytesOf(blob, 4096));
      expect(layer).toMatchObject({
        compression: number,
        compressedSize: blob.length,
        diffSize: tar.length,
        compressedDigest: `sha256:${createHash("sha256").update(blob).digest("hex")}`,
        diffDigest: `sha256:${createHash("sha256").update(tar).digest("hex")}`,
      });
      expect((await collect(temp.store.layers.diff(layer.id))).equals(tar)).toBe(true);
      temp.store.layers.remove(layer.id);
    });

    it(`${name}: cut off is an error that leaves nothing`, async () => {
      const plain = path.join(temp.directory, "plain.tar");
      sh("tar", ["-C", tree, "-cf", plain, "./bin", "./link"]);
      const blob = compress(fs.readFileSync(plain));
      await expect(temp.store.layers.put({}, bytesOf(blob.subarray(0, blob.length - 30)))).rejects.toMatchObject({ kind: "corrupt" });
      expect(temp.store.layers.list()).toEqual([]);
      expect(fs.readdirSync(path.join(temp.directory, "graph/overlay/tempdirs"))).toEqual([]);
    });
  }
});

describe("TarReader", () => {
  it("gives every byte to its sink, however the archive is cut", () => {
    const archive = path.join(temp.directory, "cut.tar");
    sh("tar", ["--format=pax", "-S", "-C", tree, "-cf", archive, "."]);
    const bytes = fs.readFileSync(archive);
    for (const size of [1000, 512, 513, 65_536, bytes.length]) {
      const hash = createHash("sha256");
      let sparse = false;
      const reader = new TarReader({
        raw: (part) => void hash.update(part),
        entry: (entry) => {
          sparse = entry.sparse !== undefined;
        },
        data: (part) => void (sparse || hash.update(part)),
        endEntry: () => {},
      });
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      reader.finish();
      expect(hash.digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  });
});

function compressBy(program: string, bytes: Buffer): Buffer {
  const result = Bun.spawnSync({ cmd: [program, "-c"], stdin: bytes });
  return Buffer.from(result.stdout);
}
