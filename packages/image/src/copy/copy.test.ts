import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { drain, readAll, streamOf } from "@containers/common/digest/byte-stream";
import { describeError } from "@containers/common/errors/tool-error";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DOCKER_MANIFEST, OCI_LAYER_ZSTD, OCI_MANIFEST } from "../manifest/media-types.ts";
import { parseImageManifest } from "../manifest/parse.ts";
import { memoryReference } from "../testing/memory-source.ts";
import { randomImage } from "../testing/random-image.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";
import { validateImage } from "../testing/validate-image.ts";
import { parseImageName } from "../transports/register.ts";
import { openBlobInfoCache } from "./blob-info-cache.ts";
import { compress, decompressAny } from "./compression.ts";
import { type CopyOptions, copyImage } from "./copy-image.ts";
import { plainProgress } from "./progress.ts";
import { terminalProgress } from "./terminal-progress.ts";

let directory = "";
let registry: RegistryServer;
let counter = 0;
let base: CopyOptions = {};
const context = { registry: { tlsVerify: false, anonymous: true, registriesConfPath: "/dev/null", registriesConfDir: "/nonexistent" } };

beforeAll(async () => {
  directory = mkdtempSync("/var/tmp/image-copy-");
  registry = await startRegistryServer();
});
afterAll(async () => {
  await registry.close();
  rmSync(directory, { recursive: true, force: true });
});
beforeEach(() => {
  base = { context: { source: context, destination: context }, blobInfoCacheDirectory: join(directory, `cache-${counter++}`) };
});

const dir = (): ReturnType<typeof parseImageName> => parseImageName(`dir:${join(directory, `dir-${counter++}`)}`);
const docker = (name: string): ReturnType<typeof parseImageName> => parseImageName(`docker://${registry.host}/${name}`);
const uploads = (): number => registry.requests.filter((request) => request.method === "PUT" && request.url.includes("/blobs/")).length;

describe("copyImage", () => {
  it("prints what the original prints", async () => {
    const image = randomImage({ layers: 1 });
    let text = "";
    await copyImage(memoryReference([image]), dir(), { ...base, progress: plainProgress((part) => void (text += part)) });
    const [layer] = parseImageManifest(image.manifest).layers;
    expect(text).toBe(
      [
        "Getting image source signatures",
        `Copying blob ${layer?.digest}`,
        `Copying config ${image.configDigest}`,
        "Writing manifest to image destination",
        "",
      ].join("\n"),
    );
  });

  it.each([
    [OCI_MANIFEST, DOCKER_MANIFEST],
    [DOCKER_MANIFEST, OCI_MANIFEST],
  ])("converts %s to %s", async (from, to) => {
    const image = randomImage({ mediaType: from });
    const target = dir();
    const report = await copyImage(memoryReference([image]), target, { ...base, format: to });
    expect(report.mediaType).toBe(to);
    expect((await validateImage(await target.openSource(context))).diffIds).toEqual(image.diffIds);
  });

  it("falls back to a format that the registry takes", async () => {
    registry.misbehave.refuseTypes = [OCI_MANIFEST];
    const image = randomImage({ mediaType: OCI_MANIFEST });
    const report = await copyImage(memoryReference([image]), docker("fallback/image:1"), base);
    registry.misbehave.refuseTypes = [];
    expect(report.mediaType).toBe(DOCKER_MANIFEST);
  });

  it("compresses for a registry, and next time finds the blob again", async () => {
    const image = randomImage({ compressed: false, seed: 77, fileSize: 50_000 });
    const first = await copyImage(memoryReference([image]), docker("packed/one:1"), base);
    const validated = await validateImage(await docker("packed/one:1").openSource(context));
    expect(validated.digest).toBe(first.digest);
    expect(validated.layerDigests).not.toEqual(image.diffIds);
    const sent = uploads();
    const second = await copyImage(memoryReference([image]), docker("packed/two:1"), base);
    // Only the config is sent: the layers are known to be in the other repository, compressed.
    expect(uploads() - sent).toBe(1);
    expect(second.digest).toBe(first.digest);
  });

  it("sends nothing that is there, and mounts what is next door", async () => {
    const image = randomImage({ seed: 78 });
    await copyImage(memoryReference([image]), docker("mount/one:1"), base);
    let sent = uploads();
    await copyImage(memoryReference([image]), docker("mount/one:2"), base);
    expect(uploads()).toBe(sent);
    sent = uploads();
    await copyImage(docker("mount/one:1"), docker("mount/two:1"), { ...base, blobInfoCacheDirectory: join(directory, "none") });
    expect(uploads() - sent).toBe(1);
    await expect(validateImage(await docker("mount/two:1").openSource(context))).resolves.toMatchObject({ digest: image.digest });
  });

  it("recompresses to zstd when told, and says so in the manifest", async () => {
    const image = randomImage({ seed: 79 });
    const target = dir();
    const report = await copyImage(memoryReference([image]), target, {
      ...base,
      compression: { form: "compress", format: "zstd", force: true },
    });
    expect(parseImageManifest(report.manifest).layers.map((layer) => layer.mediaType)).toEqual([OCI_LAYER_ZSTD, OCI_LAYER_ZSTD]);
    expect((await validateImage(await target.openSource(context))).diffIds).toEqual(image.diffIds);
  });

  it("keeps digests when told, or fails", async () => {
    const image = randomImage({ compressed: false, seed: 80 });
    const report = await copyImage(memoryReference([image]), docker("kept/image:1"), { ...base, preserveDigests: true });
    expect(report.digest).toBe(image.digest);
    // As the original: digests go before formats.
    const kept = await copyImage(memoryReference([image]), dir(), { ...base, preserveDigests: true, format: DOCKER_MANIFEST });
    expect(kept.digest).toBe(image.digest);
    const archive = parseImageName(`docker-archive:${join(directory, "kept.tar")}:kept`);
    await expect(copyImage(memoryReference([image]), archive, { ...base, preserveDigests: true })).rejects.toThrow(
      /must stay: Instructed to preserve digests/,
    );
  });

  it("passes signatures through where they can be kept, and refuses to lose them silently", async () => {
    const signature = new TextEncoder().encode("signed");
    const source = memoryReference([randomImage({ seed: 81 })], { signatures: [signature] });
    const target = dir();
    await copyImage(source, target, base);
    expect(await (await target.openSource(context)).signatures()).toEqual([Buffer.from(signature)]);
    await expect(copyImage(source, docker("signed/image:1"), base)).rejects.toThrow(/signatures/);
    await copyImage(source, docker("signed/image:1"), { ...base, removeSignatures: true });
  });

  it("asks the policy before anything is copied", async () => {
    const target = docker("refused/image:1");
    const policy = async (): Promise<void> => {
      throw new Error("rejected by policy");
    };
    await expect(copyImage(memoryReference([randomImage({ seed: 82 })]), target, { ...base, policy })).rejects.toThrow(
      "rejected by policy",
    );
    expect([...registry.blobs.keys()].some((key) => key.startsWith("refused/"))).toBe(false);
  });

  it("says which blob is missing", async () => {
    const image = randomImage({ seed: 83 });
    await copyImage(memoryReference([image]), docker("holes/image:1"), base);
    const [layer] = parseImageManifest(image.manifest).layers;
    registry.blobs.delete(`holes/image@${layer?.digest}`);
    const failure = await copyImage(docker("holes/image:1"), dir(), base).catch((error: unknown) => describeError(error));
    expect(failure).toContain(layer?.digest);
    expect(failure).toContain("blob unknown");
  });

  it("does not wait for a stalled blob when another has failed", async () => {
    const image = randomImage({ seed: 85, layers: 2 });
    const [first, second] = parseImageManifest(image.manifest).layers;
    const source = memoryReference([image], {
      streams: new Map([
        [
          first?.digest ?? "",
          async function* () {
            await Bun.sleep(60_000).then(() => undefined);
            yield new Uint8Array(1);
          },
        ],
      ]),
      tampered: new Map([[second?.digest ?? "", new Uint8Array(second?.size ?? 0)]]),
    });
    const began = performance.now();
    await expect(copyImage(source, dir(), base)).rejects.toMatchObject({ kind: "corrupt" });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it("stays within the parallelism that is asked for", async () => {
    const image = randomImage({ layers: 8, fileSize: 100, seed: 84 });
    const report = await copyImage(memoryReference([image]), dir(), { ...base, parallel: 2 });
    expect(report.digest).toBe(image.digest);
  });
});

describe("compression", () => {
  it.each(["gzip", "zstd"] as const)("%s goes there and back", async (format) => {
    const bytes = new TextEncoder().encode("text ".repeat(500_000));
    const packed = await readAll(await compress(streamOf(bytes), format), 1e8);
    const plain = await decompressAny(streamOf(packed));
    expect(plain.compression).toBe(format);
    expect(Buffer.compare(await readAll(plain.stream, 1e8), bytes)).toBe(0);
    // The runtime's zstd does not report a missing end; digests and sizes do.
    if (format === "zstd") return;
    const broken = (await decompressAny(streamOf(packed.subarray(0, packed.length >> 1)))).stream;
    await expect(drain(broken)).rejects.toMatchObject({ kind: "corrupt" });
  });
});

describe("blob-info cache", () => {
  it("survives lines that are cut off or foreign", () => {
    const at = join(directory, "cache-lines");
    const digest = `sha256:${"a".repeat(64)}`;
    const cache = openBlobInfoCache(at);
    cache.recordCompressed(`sha256:${"b".repeat(64)}`, { digest, size: 5, mediaType: "x" });
    cache.save();
    const file = join(at, readdirSync(at)[0] ?? "");
    appendFileSync(file, '{"digest":"../../etc"}\n{"dig');
    expect(readFileSync(file, "utf8")).toContain("etc");
    expect(openBlobInfoCache(at).compressedForms(`sha256:${"b".repeat(64)}`)).toEqual([{ digest, size: 5, mediaType: "x" }]);
  });
});

describe("terminal progress", () => {
  it("redraws its bars in place and leaves them finished", () => {
    let text = "";
    const sink = terminalProgress(
      (part) => void (text += part),
      () => 0,
    );
    const bar = sink.start("blob", { digest: `sha256:${"c".repeat(64)}`, size: 2048 });
    bar.advance(1024);
    bar.done();
    sink.close();
    expect(text).toContain(`Copying blob ${"c".repeat(12)} done`);
  });
});
