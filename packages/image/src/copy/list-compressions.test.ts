import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choosePlatform } from "../manifest/choose-platform.ts";
import type { ManifestList } from "../manifest/manifest.ts";
import { DOCKER_MANIFEST } from "../manifest/media-types.ts";
import { parseImageManifest, parseManifestList } from "../manifest/parse.ts";
import { memoryReference } from "../testing/memory-source.ts";
import { randomImage } from "../testing/random-image.ts";
import { parseImageName } from "../transports/register.ts";
import { type CopyOptions, copyImage } from "./copy-image.ts";

const images = [
  randomImage({ seed: 1, layers: 1, compressed: true }),
  randomImage({ seed: 2, layers: 1, compressed: true, architecture: "arm64" }),
];
let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "list-compressions-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

const layout = (name: string) => parseImageName(`oci:${join(directory, name)}:1`);

async function copy(options: CopyOptions, from = memoryReference(images), to = "list"): Promise<ManifestList> {
  const { manifest } = await copyImage(from, layout(to), {
    multiArch: "all",
    blobInfoCacheDirectory: join(directory, "cache"),
    ...options,
  });
  return parseManifestList(manifest);
}

async function layerTypes(list: ManifestList, of = "list"): Promise<string[]> {
  const source = await layout(of).openSource({});
  const types: string[] = [];
  for (const { digest } of list.manifests) {
    const { layers } = parseImageManifest((await source.manifest(digest)).bytes);
    types.push(layers[0]?.mediaType.split("+")[1] ?? "none");
  }
  await source.close();
  return types;
}

test("images in a compression that is missing stand behind the others, and are marked", async () => {
  const list = await copy({ ensureCompressions: ["zstd"] });
  expect(list.manifests.map(({ platform, annotations }) => [platform?.architecture, annotations])).toEqual([
    ["amd64", undefined],
    ["arm64", undefined],
    ["amd64", { "io.github.containers.compression.zstd": "true" }],
    ["arm64", { "io.github.containers.compression.zstd": "true" }],
  ]);
  expect(await layerTypes(list)).toEqual(["gzip", "gzip", "zstd", "zstd"]);
  expect(choosePlatform(list, { architecture: "arm64" })).toBe(list.manifests[3]);
});

test("what is there in all compressions stays as it is", async () => {
  const first = await copy({ ensureCompressions: ["zstd"] });
  const again = await copy({ ensureCompressions: ["gzip", "zstd"] }, layout("list"), "again");
  expect(again).toEqual(first);
});

test("another format for all images marks them", async () => {
  const list = await copy({ compression: { format: "zstd", force: true } });
  expect(list.manifests.map(({ annotations }) => annotations)).toEqual([
    { "io.github.containers.compression.zstd": "true" },
    { "io.github.containers.compression.zstd": "true" },
  ]);
  expect(await layerTypes(list)).toEqual(["zstd", "zstd"]);
});

test("a list alone takes no other images, and docker's formats no zstd", async () => {
  await expect(copy({ ensureCompressions: ["zstd"], multiArch: "index-only" })).rejects.toThrow(/copied with all of its images/);
  const directly = parseImageName(`dir:${join(directory, "docker")}`);
  const options: CopyOptions = { multiArch: "all", format: DOCKER_MANIFEST, ensureCompressions: ["zstd"] };
  await expect(copyImage(memoryReference(images), directly, options)).rejects.toMatchObject({
    message: "replicating image 2/4 from manifest list",
    cause: { message: `compression using zstd required together with format ${DOCKER_MANIFEST}, which does not support it` },
  });
});
