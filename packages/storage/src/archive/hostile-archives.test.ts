import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import zlib from "node:zlib";
import { linuxSys } from "@containers/common/sys/linux";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildTar, type TarPart } from "../testing/tar-builder.ts";
import { bytesOf, isRoot, type TempStore, tempStore } from "../testing/temp-store.ts";
import { UNPACK_LIMIT_VARIABLE } from "./unpack-limit.ts";

let temp: TempStore;
let outside: string;

beforeAll(() => {
  temp = tempStore();
  outside = fs.mkdtempSync(path.join(os.tmpdir(), "outside-"));
  fs.writeFileSync(path.join(outside, "secret"), "untouched");
});
afterAll(() => {
  temp.remove();
  fs.rmSync(outside, { recursive: true });
});

async function putting(parts: readonly (TarPart | Uint8Array)[]): Promise<string> {
  const layer = await temp.store.layers.put({ id: crypto.randomUUID().replaceAll("-", "").padEnd(64, "0") }, bytesOf(buildTar(parts)));
  return temp.store.layers.diffPath(layer.id);
}

/** Nothing half-made may be left, and nothing outside the layer touched. */
function expectNothingHappened(): void {
  expect(fs.readdirSync(path.join(temp.directory, "graph/overlay/tempdirs"))).toEqual([]);
  expect(fs.readdirSync(outside)).toEqual(["secret"]);
  expect(fs.readFileSync(path.join(outside, "secret"), "utf8")).toBe("untouched");
}

describe("an archive that would write outside its layer", () => {
  it("by .. is refused", async () => {
    for (const name of ["../evil", "a/../../evil", "./../../evil", "a/b/../../../evil"]) {
      await expect(putting([{ name }])).rejects.toMatchObject({ kind: "corrupt", message: expect.stringContaining("outside the layer") });
      expectNothingHappened();
    }
  });

  it("by an absolute name stays inside, as the original has it", async () => {
    const diff = await putting([{ name: `${outside}/evil`, content: "x" }]);
    expect(fs.readFileSync(path.join(diff, outside, "evil"), "utf8")).toBe("x");
    expectNothingHappened();
  });

  it("through a symbolic link stays inside", async () => {
    const depth = "../".repeat(20);
    for (const target of [outside, `${depth}${outside.slice(1)}`]) {
      // The link's target does not exist inside the layer: the entry behind it cannot be made.
      await expect(
        putting([
          { name: "way", type: "symlink", linkName: target },
          { name: "way/evil", content: "x" },
        ]),
      ).rejects.toMatchObject({ kind: "corrupt" });
      expectNothingHappened();
      const diff = await putting([
        { name: `${outside.slice(1)}/` },
        { name: "way", type: "symlink", linkName: target },
        { name: "way/evil", content: "x" },
      ]);
      expect(fs.readFileSync(path.join(diff, outside, "evil"), "utf8")).toBe("x");
      expectNothingHappened();
    }
  });

  it("by overwriting through its own link replaces the link", async () => {
    const diff = await putting([
      { name: "dir/" },
      { name: "dir/file", type: "symlink", linkName: path.join(outside, "secret") },
      { name: "copy", type: "hardlink", linkName: "dir/file" },
    ]);
    expect(fs.readlinkSync(path.join(diff, "copy"))).toBe(path.join(outside, "secret"));
    expectNothingHappened();
  });

  it("by a hard link is refused", async () => {
    for (const linkName of ["../../../../../../etc/passwd", `${"../".repeat(30)}${outside.slice(1)}/secret`]) {
      await expect(putting([{ name: "stolen", type: "hardlink", linkName }])).rejects.toMatchObject({ kind: "corrupt" });
    }
    await expect(putting([{ name: "stolen", type: "hardlink", linkName: `${outside}/secret` }])).rejects.toMatchObject({ kind: "corrupt" });
    await expect(
      putting([
        { name: "way", type: "symlink", linkName: outside },
        { name: "stolen", type: "hardlink", linkName: "way/secret" },
      ]),
    ).rejects.toMatchObject({ kind: "corrupt" });
    expectNothingHappened();
  });

  it("by a whiteout or opaque mark behind a link touches nothing outside", async () => {
    await expect(putting([{ name: "way", type: "symlink", linkName: outside }, { name: "way/.wh.secret" }])).rejects.toThrow();
    await expect(putting([{ name: "way", type: "symlink", linkName: outside }, { name: "way/.wh..wh..opq" }])).rejects.toThrow();
    await expect(putting([{ name: ".wh..." }, { name: ".wh.." }])).rejects.toThrow();
    expectNothingHappened();
  });

  it("by a directory that turns into a link afterwards is stopped", async () => {
    const parts = [
      { name: "dir/" },
      { name: "dir/one", content: "1" },
      { name: "dir", type: "symlink" as const, linkName: outside },
      { name: "dir/evil", content: "x" },
    ];
    await expect(putting(parts)).rejects.toThrow();
    expectNothingHappened();
  });
});

describe("a damaged archive", () => {
  it("with a name of 100,000 bytes gets a clear error", async () => {
    await expect(putting([{ name: "n".repeat(100_000) }])).rejects.toMatchObject({
      message: expect.stringContaining("100000 bytes, too long"),
    });
    await expect(putting([{ name: `${"d/".repeat(50_000)}f` }])).rejects.toMatchObject({ message: expect.stringContaining("too long") });
    expectNothingHappened();
  });

  it("that ends early is corrupt", async () => {
    const tar = buildTar([{ name: "file", content: "x".repeat(5000) }]);
    for (const length of [100, 700, 4000])
      await expect(temp.store.layers.put({}, bytesOf(tar.subarray(0, length)))).rejects.toMatchObject({ kind: "corrupt" });
    expectNothingHappened();
  });

  it("that is none is corrupt", async () => {
    await expect(temp.store.layers.put({}, bytesOf(Buffer.alloc(2000, 65)))).rejects.toMatchObject({
      kind: "corrupt",
      message: expect.stringContaining("invalid tar archive"),
    });
  });

  it("with a size that is not there or not possible is corrupt", async () => {
    for (const digits of ["77777777777", "-7777777777"]) {
      const tar = buildTar([{ name: "file", content: "x" }]);
      tar.write(digits, 124, 11, "latin1");
      fixChecksum(tar);
      await expect(temp.store.layers.put({}, bytesOf(tar))).rejects.toMatchObject({ kind: "corrupt" });
    }
    expectNothingHappened();
  });

  it("naming a path twice is refused, as by the original, which could not give it back", async () => {
    await expect(
      putting([
        { name: "a", content: "1" },
        { name: "./a", content: "2" },
      ]),
    ).rejects.toMatchObject({ kind: "unsupported" });
  });

  it.each(["gzip", "zstd"] as const)("that is a %s bomb is given up, and leaves nothing", async (kind) => {
    const bomb = buildTar([{ name: "zeros", content: new Uint8Array(8 << 20) }]);
    const packed = kind === "gzip" ? zlib.gzipSync(bomb) : zlib.zstdCompressSync(bomb);
    vi.stubEnv(UNPACK_LIMIT_VARIABLE, "1m");
    try {
      await expect(temp.store.layers.put({}, bytesOf(packed))).rejects.toMatchObject({ kind: "corrupt", code: "unpack-limit" });
    } finally {
      vi.unstubAllEnvs();
    }
    expectNothingHappened();
  });

  it("with the wrong digest leaves nothing", async () => {
    const tar = buildTar([{ name: "file", content: "x" }]);
    const expectedDigest = `sha256:${"0".repeat(64)}`;
    await expect(temp.store.layers.put({ expectedDigest }, bytesOf(tar))).rejects.toMatchObject({
      kind: "corrupt",
      code: "digest-mismatch",
    });
    await expect(temp.store.layers.put({ expectedDiffId: expectedDigest }, bytesOf(tar))).rejects.toMatchObject({
      code: "digest-mismatch",
    });
    expectNothingHappened();
  });

  it("with a sparse map that lies is corrupt", async () => {
    const record = (key: string, value: string): string => {
      const rest = key.length + value.length + 3;
      const length = rest + String(rest + 2).length;
      return `${length} ${key}=${value}\n`;
    };
    const body = record("GNU.sparse.map", "0,4,2,4") + record("GNU.sparse.size", "100");
    const pax = buildTar([{ name: "pax", content: body }]).subarray(0, 1024);
    pax.write("x", 156);
    fixChecksum(pax);
    await expect(putting([pax, { name: "file", content: "12345678" }])).rejects.toMatchObject({
      kind: "corrupt",
      message: expect.stringContaining("sparse map"),
    });
  });
});

describe("marks of overlay in an archive", () => {
  it("are not taken over", async () => {
    const diff = await putting([
      {
        name: "dir/",
        xattrs: new Map([
          ["user.overlay.redirect", Buffer.from("/etc")],
          ["user.note", Buffer.from("kept")],
        ]),
      },
    ]);
    expect(linuxSys().llistxattr(path.join(diff, "dir"))).toEqual(["user.note"]);
  });
});

describe.skipIf(!isRoot)("deletions (needs root: whiteouts are devices)", () => {
  it("become overlay's marks", async () => {
    const diff = await putting([
      { name: "dir/" },
      { name: "dir/.wh.gone" },
      { name: "new/.wh..wh..opq" },
      { name: ".wh.top" },
      { name: "top/.wh.below" },
    ]);
    for (const name of ["dir/gone", "top"]) expect(fs.lstatSync(path.join(diff, name))).toMatchObject({ rdev: 0, mode: 0o020000 });
    expect(fs.readdirSync(path.join(diff, "new"))).toEqual([]);
  });
});

function fixChecksum(block: Buffer): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (let at = 0; at < 512; at++) sum += block[at] ?? 0;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, 8, "latin1");
}
