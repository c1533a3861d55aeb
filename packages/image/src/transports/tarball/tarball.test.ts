import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readAll } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { findExecutable } from "@containers/common/process/find-executable";
import { run } from "@containers/common/process/run";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OCI_LAYER } from "../../manifest/media-types.ts";
import { parseImageManifest } from "../../manifest/parse.ts";
import { tarOf } from "../../testing/random-image.ts";
import { tarballTransport } from "./reference.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tarball-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

it("takes each archive for a layer, compressed or not", async () => {
  const [one, two] = [tarOf("a", Buffer.from("one")), tarOf("b", Buffer.from("two"))];
  writeFileSync(join(directory, "one.tar"), one);
  writeFileSync(join(directory, "two.tar.gz"), gzipSync(two));
  const source = await tarballTransport.parse(`${directory}/one.tar:${directory}/two.tar.gz`).openSource({});
  const { bytes } = await source.manifest();
  const manifest = JSON.parse(Buffer.from(bytes).toString("utf8"));
  expect(manifest.layers.map((layer: { digest: string }) => layer.digest)).toEqual([sha256(one), sha256(gzipSync(two))]);
  const { stream } = await source.blob(manifest.config);
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  expect(JSON.parse(Buffer.concat(pieces).toString("utf8")).rootfs.diff_ids).toEqual([sha256(one), sha256(two)]);
  await source.close();
});

const packers = ["xz", "bzip2"].filter((program) => findExecutable(program) !== undefined);

it.each(packers)("hands out the tar inside of what no layer may be packed with: %s", async (program) => {
  const tar = tarOf("a", Buffer.from("one"));
  const { stdout } = await run(program, ["-c"], { input: tar });
  writeFileSync(join(directory, "packed"), stdout);
  const source = await tarballTransport.parse(`${directory}/packed`).openSource({});
  const [layer] = parseImageManifest((await source.manifest()).bytes).layers;
  expect(layer).toMatchObject({ mediaType: OCI_LAYER, digest: sha256(tar), size: tar.length });
  const { stream } = await source.blob({ digest: sha256(tar), size: tar.length });
  expect(sha256(await readAll(stream, 1 << 20))).toBe(sha256(tar));
  await source.close();
});

it("refuses what is no file", async () => {
  mkdirSync(join(directory, "sub"));
  await expect(tarballTransport.parse(join(directory, "sub")).openSource({})).rejects.toThrow("is not a file");
  await expect(tarballTransport.parse(join(directory, "none")).openSource({})).rejects.toThrow("no such file");
  expect(() => tarballTransport.parse("a::b")).toThrow("separated by colons");
});
