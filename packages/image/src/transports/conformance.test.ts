import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyImage } from "../copy/copy-image.ts";
import { DOCKER_MANIFEST, OCI_MANIFEST } from "../manifest/media-types.ts";
import { memoryReference } from "../testing/memory-source.ts";
import { type RandomImage, randomImage } from "../testing/random-image.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";
import { openTestStore, type TestStore } from "../testing/test-store.ts";
import { validateImage } from "../testing/validate-image.ts";
import { storageReference } from "./containers-storage/reference.ts";
import { parseImageName } from "./register.ts";
import type { ImageContext, ImageReference } from "./transport.ts";

/** One suite for every place an image can be: what goes in comes out, and nothing half-made stays. */

const isRoot = process.getuid?.() === 0;
let directory = "";
let registry: RegistryServer;
let store: TestStore;
let counter = 0;

interface Place {
  readonly name: string;
  fresh(): ImageReference;
  readonly lists: boolean;
  readonly skip?: boolean;
}

const context: ImageContext = {
  registry: { tlsVerify: false, anonymous: true, registriesConfPath: "/dev/null", registriesConfDir: "/nonexistent" },
};

const places: readonly Place[] = [
  { name: "dir", lists: true, fresh: () => parseImageName(`dir:${join(directory, `dir-${counter++}`)}`) },
  { name: "oci", lists: true, fresh: () => parseImageName(`oci:${join(directory, `oci-${counter++}`)}:v1`) },
  { name: "oci-archive", lists: true, fresh: () => parseImageName(`oci-archive:${join(directory, `oci-${counter++}.tar`)}:v1`) },
  {
    name: "docker-archive",
    lists: false,
    fresh: () => parseImageName(`docker-archive:${join(directory, `docker-${counter++}.tar`)}:example.com/a/b:v1`),
  },
  { name: "docker", lists: true, fresh: () => parseImageName(`docker://${registry.host}/test/image-${counter++}:v1`) },
  {
    name: "containers-storage",
    lists: false,
    skip: !isRoot,
    fresh: () => storageReference(store, `example.com/test/image-${counter++}:v1`),
  },
];

beforeAll(async () => {
  directory = mkdtempSync("/var/tmp/image-conformance-");
  registry = await startRegistryServer();
  if (isRoot) store = openTestStore(directory);
});

afterAll(async () => {
  await registry.close();
  rmSync(directory, { recursive: true, force: true });
});

const options = { context: { source: context, destination: context }, blobInfoCacheDirectory: "/nonexistent/cache" };

describe.each(places)("$name", (place) => {
  const images: ReadonlyArray<readonly [string, () => RandomImage]> = [
    ["an OCI image", () => randomImage({ mediaType: OCI_MANIFEST, layers: 3, seed: 11 })],
    ["a Docker image", () => randomImage({ mediaType: DOCKER_MANIFEST, layers: 2, seed: 12 })],
    ["an image with plain layers", () => randomImage({ mediaType: OCI_MANIFEST, compressed: false, seed: 13 })],
    ["an image without layers", () => randomImage({ mediaType: OCI_MANIFEST, layers: 0, seed: 14 })],
    ["an image with large layers", () => randomImage({ mediaType: OCI_MANIFEST, layers: 2, fileSize: 3_000_000, seed: 15 })],
  ];

  it.skipIf(place.skip === true).each(images)("keeps %s", async (_name, make) => {
    const image = make();
    const reference = place.fresh();
    const report = await copyImage(memoryReference([image]), reference, options);
    const source = await reference.openSource(context);
    const found = await validateImage(source);
    await source.close();
    expect(found.diffIds).toEqual(image.diffIds);
    if (place.name !== "docker-archive") expect(found.digest).toBe(report.digest);
  });

  it.skipIf(place.skip === true)("round-trips its reference", () => {
    const reference = place.fresh();
    const again = parseImageName(`${reference.transport}:${reference.withinTransport}`);
    expect(again.withinTransport).toBe(reference.withinTransport);
    expect(String(again.dockerReference)).toBe(String(reference.dockerReference));
  });

  it.skipIf(place.skip === true)("refuses a tampered layer and shows nothing", async () => {
    const image = randomImage({ seed: 21 + counter, layers: 3 });
    const victim = [...image.blobs.keys()][2] ?? "";
    const bytes = Uint8Array.from(image.blobs.get(victim) ?? []);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    const reference = place.fresh();
    const failure = copyImage(memoryReference([image], { tampered: new Map([[victim, bytes]]) }), reference, options);
    await expect(failure).rejects.toMatchObject({ kind: "corrupt" });
    await expect(reference.openSource(context).then((source) => source.manifest())).rejects.toThrow();
  });

  it.skipIf(place.name !== "containers-storage" || place.skip === true)("names the file of a layer that has changed since", async () => {
    const reference = place.fresh();
    await copyImage(memoryReference([randomImage({ seed: 25, layers: 2 })]), reference, options);
    const [image] = store.images.list().filter(({ names }) => names.includes(String(reference.dockerReference)));
    const changed = firstFile(store.layers.diffPath(image?.layer ?? ""));
    const bytes = readFileSync(changed);
    writeFileSync(changed, bytes.fill((bytes[0] ?? 0) ^ 1, 0, 1));
    const target = join(directory, `dir-${counter++}`);
    const failure = copyImage(reference, parseImageName(`dir:${target}`), options);
    await expect(failure).rejects.toMatchObject({ cause: { message: expect.stringContaining("file integrity checksum failed for ") } });
    expect(existsSync(join(target, "manifest.json"))).toBe(false);
  });

  it.skipIf(place.skip === true)("can be cancelled", async () => {
    const abort = new AbortController();
    const reference = place.fresh();
    const image = randomImage({ seed: 31 + counter, layers: 3 });
    const policy = async (): Promise<void> => abort.abort();
    await expect(copyImage(memoryReference([image]), reference, { ...options, policy, signal: abort.signal })).rejects.toMatchObject({
      kind: "cancelled",
    });
    await expect(reference.openSource(context).then((source) => source.manifest())).rejects.toThrow();
  });

  it.skipIf(place.skip === true || !place.lists)("keeps a whole list", async () => {
    const images = [randomImage({ seed: 41 }), randomImage({ seed: 42, architecture: "arm64" })];
    const list = memoryReference(images);
    const reference = place.fresh();
    const report = await copyImage(list, reference, { ...options, multiArch: "all", preserveDigests: true });
    const source = await reference.openSource(context);
    for (const image of images) expect((await validateImage(source, image.digest)).diffIds).toEqual(image.diffIds);
    await source.close();
    expect(report.digest).toBe(
      (await copyImage(reference, parseImageName(`dir:${join(directory, `list-${counter++}`)}`), { ...options, multiArch: "all" })).digest,
    );
  });

  it.skipIf(place.skip === true)("takes this machine's image of a list, or says which is missing", async () => {
    const images = [randomImage({ seed: 51, architecture: "s390x" }), randomImage({ seed: 52, architecture: "riscv64" })];
    const chosen = { ...options, context: { source: { ...context, platform: { architecture: "riscv64" } }, destination: context } };
    const reference = place.fresh();
    await copyImage(memoryReference(images), reference, chosen);
    const source = await reference.openSource(context);
    expect((await validateImage(source)).diffIds).toEqual(images[1]?.diffIds);
    await source.close();
    const missing = { ...options, context: { source: { ...context, platform: { architecture: "sparc" } }, destination: context } };
    await expect(copyImage(memoryReference(images), place.fresh(), missing)).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/architecture "sparc"/) },
    });
  });
});

it("leaves no temporary file behind", () => {
  const left = readdirSync(directory, { recursive: true }).filter((name) => /\.blob-|container_images_/.test(String(name)));
  expect(left).toEqual([]);
  expect(registry.openUploads()).toBe(0);
  expect(existsSync(directory)).toBe(true);
});

function firstFile(directory: string): string {
  const [entry] = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return join(entry?.parentPath ?? directory, entry?.name ?? "");
}
