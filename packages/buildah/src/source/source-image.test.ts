import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addSourceArtifact, createSourceImage } from "./source-image.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "source-test-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const read = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
const blob = (layout: string, digest: unknown): string => join(layout, "blobs", String(digest).replace(":", "/"));

it("makes a layout and adds artifacts to it", async () => {
  const layout = join(directory, "image");
  createSourceImage(`${layout}:tag`, { author: "me", timestamp: false });
  writeFileSync(join(directory, "file"), "content");
  await addSourceArtifact(`${layout}:tag`, join(directory, "file"), ["a=b"]);
  const index = read(join(layout, "index.json")) as { manifests: Array<{ digest: string; annotations: object }> };
  expect(index.manifests).toHaveLength(1);
  expect(index.manifests[0]?.annotations).toEqual({ "org.opencontainers.image.ref.name": "tag" });
  const manifest = read(blob(layout, index.manifests[0]?.digest)) as { config: { digest: string }; layers: Array<{ digest: string }> };
  expect(read(blob(layout, manifest.config.digest))).toEqual({ author: "me" });
  expect(manifest.layers).toMatchObject([{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", annotations: { a: "b" } }]);
  const archive = gunzipSync(readFileSync(blob(layout, manifest.layers[0]?.digest)));
  expect(archive.subarray(0, 4).toString()).toBe("file");
  // The manifest that was replaced is gone: config, layer and manifest remain.
  expect(readdirSync(join(layout, "blobs", "sha256"))).toHaveLength(3);
});

it("refuses what is there already, and odd annotations", async () => {
  expect(() => createSourceImage(directory, { author: "", timestamp: false })).toThrow("already exists");
  const layout = join(directory, "other");
  createSourceImage(layout, { author: "", timestamp: true });
  await expect(addSourceArtifact(layout, directory, ["a"])).rejects.toThrow('expected format is "key=value"');
  await expect(addSourceArtifact(layout, directory, ["a=1", "a=2"])).rejects.toThrow("more than once");
});
