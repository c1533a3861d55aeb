import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { sha256 } from "@containers/common/digest/digest";
import { afterEach, beforeEach, expect, it } from "vitest";
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

it("refuses what is no file", async () => {
  mkdirSync(join(directory, "sub"));
  await expect(tarballTransport.parse(join(directory, "sub")).openSource({})).rejects.toThrow("is not a file");
  await expect(tarballTransport.parse(join(directory, "none")).openSource({})).rejects.toThrow("no such file");
  expect(() => tarballTransport.parse("a::b")).toThrow("separated by colons");
});
