import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "@containers/common/digest/digest";
import { describeError } from "@containers/common/errors/tool-error";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { manifestDigest } from "../manifest/manifest-digest.ts";
import { DOCKER_MANIFEST, DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED, OCI_MANIFEST } from "../manifest/media-types.ts";
import { parseSchema1 } from "../manifest/schema1/schema1.ts";
import { memoryReference } from "../testing/memory-source.ts";
import { randomImage } from "../testing/random-image.ts";
import { type RegistryServer, startRegistryServer } from "../testing/registry-server.ts";
import { type Schema1Image, schema1Image } from "../testing/schema1-image.ts";
import { validateImage } from "../testing/validate-image.ts";
import { parseImageName } from "../transports/register.ts";
import { copyImage } from "./copy-image.ts";

const context = {
  registry: { tlsVerify: false, anonymous: true, registriesConfPath: "/dev/null", registriesConfDir: "/nonexistent" },
};
const options = { context: { source: context, destination: context }, blobInfoCacheDirectory: "/nonexistent/cache" };
const layered = randomImage({ mediaType: DOCKER_MANIFEST, layers: 2, seed: 61 });

let directory = "";
let registry: RegistryServer;

beforeEach(async () => {
  directory = mkdtempSync("/var/tmp/schema1-");
  registry = await startRegistryServer();
});

afterEach(async () => {
  await registry.close();
  rmSync(directory, { recursive: true, force: true });
});

function serve(image: Schema1Image, bytes = image.signed): void {
  const mediaType = bytes === image.signed ? DOCKER_SCHEMA1_SIGNED : DOCKER_SCHEMA1;
  for (const name of ["old/app:old", `old/app@${image.digest}`]) registry.manifests.set(name, { bytes, mediaType });
  for (const [digest, blob] of image.blobs) registry.blobs.set(`old/app@${digest}`, blob);
}

const old = (tail = ":old") => parseImageName(`docker://${registry.host}/old/app${tail}`);

describe("an image of Docker's first schema", () => {
  it.each([
    ["signed", true],
    ["without signature", false],
  ])("becomes an OCI image, %s", async (_name, signed) => {
    const image = schema1Image(layered, "old/app");
    serve(image, signed ? image.signed : image.payload);
    const place = parseImageName(`oci:${join(directory, "layout")}:v`);
    await copyImage(old(), place, options);
    const source = await place.openSource(context);
    expect((await validateImage(source)).diffIds).toEqual(layered.diffIds);
    await source.close();
  });

  it("has the digest of what was signed", async () => {
    const image = schema1Image(layered, "old/app");
    expect(manifestDigest(image.signed)).toBe(image.digest);
    expect(sha256(image.signed)).not.toBe(image.digest);
    serve(image);
    const report = await copyImage(old(`@${image.digest}`), parseImageName(`dir:${join(directory, "kept")}`), options);
    expect(report).toMatchObject({ digest: image.digest, mediaType: DOCKER_SCHEMA1_SIGNED });
    expect(Buffer.compare(readFileSync(join(directory, "kept", "manifest.json")), image.signed)).toBe(0);
  });

  it("is refused when it is not the one of the digest", async () => {
    const image = schema1Image(layered, "old/app");
    const other = schema1Image(layered, "old/app", { os: "plan9" });
    serve({ ...image, signed: other.signed });
    const failure = copyImage(old(`@${image.digest}`), parseImageName(`dir:${join(directory, "no")}`), options);
    await expect(failure.catch(describeError)).resolves.toContain("digest");
  });

  it("is refused when a layer is not the one of its digest", async () => {
    const image = schema1Image(layered, "old/app");
    const [digest = ""] = [...layered.blobs.keys()].slice(1);
    serve({ ...image, blobs: new Map([...image.blobs, [digest, Buffer.from("something else")]]) });
    await expect(copyImage(old(), parseImageName(`oci:${join(directory, "x")}:v`), options)).rejects.toThrow();
  });

  it("gets the name of where it goes, and another signature", async () => {
    serve(schema1Image(layered, "old/app"));
    const report = await copyImage(old(), parseImageName(`docker://${registry.host}/new/place:tag`), options);
    expect(parseSchema1(report.manifest)).toMatchObject({ name: "new/place", tag: "tag" });
    expect(report.digest).toBe(manifestDigest(report.manifest));
    const keeping = copyImage(old(), parseImageName(`docker://${registry.host}/new/kept:tag`), { ...options, preserveDigests: true });
    await expect(keeping).rejects.toThrow("Copying a schema1 image with an embedded Docker reference");
  });

  it("goes converted where its schema is not taken", async () => {
    serve(schema1Image(layered, "old/app"));
    registry.misbehave.refuseTypes = [DOCKER_SCHEMA1_SIGNED, DOCKER_SCHEMA1];
    const report = await copyImage(old(), parseImageName(`docker://${registry.host}/new/place:tag`), options);
    expect(report.mediaType).toBe(DOCKER_MANIFEST);
  });

  it("asks the policy once, for what was fetched", async () => {
    const image = schema1Image(layered, "old/app");
    serve(image);
    const seen: string[] = [];
    await copyImage(old(), parseImageName(`oci:${join(directory, "asked")}:v`), {
      ...options,
      policy: async (source) => void seen.push(manifestDigest((await source.manifest()).bytes)),
    });
    expect(seen).toEqual([image.digest]);
  });
});

describe("written as the first schema", () => {
  it.each([DOCKER_MANIFEST, OCI_MANIFEST])("%s comes back with its layers", async (mediaType) => {
    const image = randomImage({ mediaType, layers: 3, seed: 62 });
    const place = parseImageName(`docker://${registry.host}/made/old:v1`);
    const report = await copyImage(memoryReference([image]), place, { ...options, format: DOCKER_SCHEMA1_SIGNED });
    expect(parseSchema1(report.manifest)).toMatchObject({ name: "made/old", tag: "v1", architecture: "amd64" });
    const back = parseImageName(`oci:${join(directory, "back")}:v`);
    await copyImage(place, back, options);
    const source = await back.openSource(context);
    expect((await validateImage(source)).diffIds).toEqual(image.diffIds);
    await source.close();
  });

  it("holds no zstd", async () => {
    const zstd = { ...options, format: DOCKER_SCHEMA1_SIGNED, compression: { format: "zstd", form: "compress", force: true } as const };
    const failure = copyImage(memoryReference([layered]), parseImageName(`dir:${join(directory, "z")}`), zstd);
    await expect(failure).rejects.toThrow("which does not support it");
  });
});

describe("what is malformed", () => {
  const id = (letter: string): string => letter.repeat(64);
  const manifest = (history: ReadonlyArray<object>, more: object = {}): Uint8Array =>
    Buffer.from(
      JSON.stringify({
        schemaVersion: 1,
        fsLayers: history.map(() => ({ blobSum: sha256("") })),
        history: history.map((entry) => ({ v1Compatibility: JSON.stringify(entry) })),
        ...more,
      }),
    );

  it.each([
    ["no FSLayers in manifest", manifest([])],
    ["length of history not equal to number of layers", manifest([{ id: id("a") }], { history: [] })],
    ["ambiguous manifest", manifest([{ id: id("a") }], { layers: [] })],
    ['image ID "x" is invalid', manifest([{ id: "x" }])],
    ["Invalid parent ID in the base layer", manifest([{ id: id("a"), parent: id("b") }])],
    ["Invalid parent ID. Expected", manifest([{ id: id("a"), parent: id("c") }, { id: id("b") }])],
    ["appears multiple times", manifest([{ id: id("a"), parent: id("b") }, { id: id("b"), parent: id("a") }, { id: id("a") }])],
    ["parsing v2s1 history entry 0", manifest([{ id: 1 }])],
  ])("is refused: %s", (message, bytes) => {
    expect(() => parseSchema1(bytes)).toThrow(message);
  });

  it("leaves out entries that repeat the one below", () => {
    expect(parseSchema1(manifest([{ id: id("a") }, { id: id("a") }])).layers).toHaveLength(1);
  });
});
