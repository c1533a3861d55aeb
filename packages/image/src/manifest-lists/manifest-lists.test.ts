import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "@containers/common/digest/digest";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { copyImage } from "../copy/copy-image.ts";
import type { LocalImages } from "../local-images/local-images.ts";
import { pushImage } from "../local-images/push.ts";
import { DOCKER_LIST, DOCKER_SCHEMA1_SIGNED, OCI_INDEX } from "../manifest/media-types.ts";
import { parseManifestList } from "../manifest/parse.ts";
import { signWithPassingKey } from "../manifest/schema1/sign-with-passing-key.ts";
import { memoryReference } from "../testing/memory-source.ts";
import { randomImage } from "../testing/random-image.ts";
import { openTestStore } from "../testing/test-store.ts";
import { storageReference } from "../transports/containers-storage/reference.ts";
import { parseImageName } from "../transports/register.ts";
import { addToList } from "./add.ts";
import { addArtifactToList } from "./add-artifact.ts";
import { annotateEntry, annotateIndex } from "./annotate.ts";
import { createList } from "./create.ts";
import { detectMediaType } from "./detect-media-type.ts";
import { inspectList } from "./inspect.ts";
import { buildListContent, parseListContent, preferredListType } from "./list-content.ts";
import { requireList } from "./list-record.ts";
import { pushList } from "./push.ts";
import { removeFromList, removeLists } from "./remove.ts";

const amd = randomImage({ layers: 1, seed: 1 });
const arm = randomImage({ layers: 1, seed: 2, architecture: "arm64" });
const digest = (character: string): string => `sha256:${character.repeat(64)}`;

describe("lists in the store", () => {
  let directory = "";
  let images: LocalImages;
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "lists-"));
    images = { store: openTestStore(directory), registry: {} };
    await copyImage(memoryReference([amd]), storageReference(images.store, "localhost/amd:latest"));
    await copyImage(memoryReference([arm]), storageReference(images.store, "localhost/arm:latest"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test("are made, amended, annotated, emptied and removed", async () => {
    const id = await createList(images, "l", ["amd"], { annotations: { a: "b" } });
    await expect(createList(images, "l", [])).rejects.toThrow(/name "localhost\/l:latest" is already associated/);
    expect(await createList(images, "l", ["arm"], { amend: true })).toBe(id);
    await annotateEntry(images, id, arm.digest, { variant: "v8", annotations: { k: "v" } });
    await annotateIndex(images, id, { annotations: { c: "d" } });
    expect(await inspectList(images, "l")).toMatchObject({
      mediaType: OCI_INDEX,
      annotations: { a: "b", c: "d" },
      manifests: [
        { digest: amd.digest, platform: { architecture: "amd64", os: "linux" } },
        { digest: arm.digest, platform: { architecture: "arm64", os: "linux", variant: "v8" }, annotations: { k: "v" } },
      ],
    });
    await removeFromList(images, id, amd.digest);
    await expect(removeFromList(images, id, amd.digest)).rejects.toThrow(/no instance matching digest/);
    const { errors } = await removeLists(images, ["l", "amd", "nope"]);
    expect(errors.map(String)).toEqual([
      expect.stringContaining("localhost/amd:latest: image is not a manifest list"),
      expect.stringContaining("nope: image not known"),
    ]);
    expect(() => requireList(images, "l")).toThrow(/not known/);
  });

  test("are pushed with their images and artifacts, and added whole to another", async () => {
    writeFileSync(join(directory, "notes.json"), '{"a":1}');
    const id = await createList(images, "l", ["amd", "arm"]);
    const artifact = await addArtifactToList(images, id, [join(directory, "notes.json")], { type: "application/x.notes" });
    const place = `dir:${join(directory, "out")}`;
    await pushList(images, "l", place, { all: true });
    const source = await parseImageName(place).openSource({});
    const raw = await source.manifest();
    const list = parseManifestList(raw.bytes, raw.mediaType);
    expect(list.manifests.map((entry) => entry.digest)).toContain(artifact);
    expect(list.manifests).toHaveLength(3);
    await source.close();
    const other = await createList(images, "other", []);
    await addToList(images, other, place, { all: true });
    expect(requireList(images, "other").content.entries.map((entry) => entry.digest)).toEqual(list.manifests.map((entry) => entry.digest));
    await pushList(images, "other", `oci:${join(directory, "again")}`, { all: true });
  });

  test("take images of directories, also of Docker's first schema, and are pushed with them", async () => {
    const v1Compatibility = JSON.stringify({ id: "1".repeat(64), architecture: "arm64", os: "linux" });
    const blob = Buffer.from(Bun.gzipSync(Buffer.alloc(1024)));
    const old = {
      ...{ schemaVersion: 1, name: "old", tag: "1", architecture: "arm64" },
      ...{ fsLayers: [{ blobSum: sha256(blob) }], history: [{ v1Compatibility }] },
    };
    mkdirSync(join(directory, "old"));
    writeFileSync(join(directory, "old", "manifest.json"), signWithPassingKey(JSON.stringify(old)));
    writeFileSync(join(directory, "old", sha256(blob).slice("sha256:".length)), blob);
    await pushImage(images, "amd", `dir:${join(directory, "new")}`);
    const id = await createList(images, "l", []);
    for (const name of ["old", "new"]) await addToList(images, id, `dir:${join(directory, name)}`);
    const [first, second] = requireList(images, "l").content.entries;
    expect(first?.mediaType).toBe(DOCKER_SCHEMA1_SIGNED);
    expect(second?.platform).toMatchObject({ architecture: "amd64" });
    await pushList(images, "l", `dir:${join(directory, "out")}`, { all: true });
    expect(readdirSync(join(directory, "out"))).toContain(`${first?.digest.slice("sha256:".length)}.manifest.json`);
  });

  test("are pushed whole as images when all is asked for; an ordinary image is all there is of it", async () => {
    await createList(images, "l", ["amd", "arm"]);
    for (const [name, instances] of [
      ["l", 2],
      ["amd", undefined],
    ] as const) {
      const place = `dir:${join(directory, name)}`;
      await pushImage(images, name, place, { all: true });
      const source = await parseImageName(place).openSource({});
      const { bytes } = await source.manifest();
      await source.close();
      expect((JSON.parse(Buffer.from(bytes).toString()) as { manifests?: unknown[] }).manifests?.length).toBe(instances);
    }
  });
});

describe("the format that loses nothing", () => {
  const entry = { mediaType: "m", digest: digest("a"), size: 1, platform: { os: "linux", architecture: "amd64" } };

  test.each([
    [{ entries: [] }, DOCKER_LIST],
    [{ entries: [entry] }, OCI_INDEX],
    [{ entries: [{ ...entry, features: ["sse"] }] }, DOCKER_LIST],
    [{ entries: [{ ...entry, features: ["sse"], annotations: { a: "b" } }] }, OCI_INDEX],
    [{ entries: [], annotations: { a: "b" } }, OCI_INDEX],
  ])("%j", (list, mediaType) => {
    expect(preferredListType(list)).toBe(mediaType);
    const again = parseListContent(buildListContent(list));
    expect(again.entries.map(({ digest }) => digest)).toEqual(list.entries.map(({ digest }) => digest));
    if (mediaType === DOCKER_LIST) expect(again.entries).toEqual(list.entries);
  });

  test("is not that of an image", () => expect(() => parseListContent(amd.manifest)).toThrow(/not a list type/));
});

test.each([
  ["a.json", "{", "application/json"],
  ["a", "hello\n", "text/plain"],
  ["a", "\x00\x01", "application/octet-stream"],
  ["a", "\x1f\x8b\x08\x00", "application/x-gzip"],
  ["a.unknown", "%PDF-1.7", "application/pdf"],
])("%s with %j is %s", (name, text, type) => expect(detectMediaType(name, Buffer.from(text, "latin1"))).toBe(type));
