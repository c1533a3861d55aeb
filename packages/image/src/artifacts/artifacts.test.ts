import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AddArtifactOptions, addArtifact } from "./add-artifact.ts";
import { type ArtifactStore, artifactStore, findArtifact, listArtifacts, removeArtifact } from "./artifact-store.ts";
import { detectContentType } from "./detect-content-type.ts";
import { artifactBlobs, extractArtifact } from "./extract-artifact.ts";

let directory = "";
let store: ArtifactStore;
const NAME = "example.com/a/b:1";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "artifacts-"));
  store = artifactStore(directory);
});
afterEach(() => rmSync(directory, { recursive: true }));

async function add(name: string, contents: Readonly<Record<string, string>>, options: AddArtifactOptions = {}): Promise<string> {
  const files = Object.entries(contents).map(([file, text]) => {
    writeFileSync(join(directory, file), text);
    return { path: join(directory, file) };
  });
  return await addArtifact(store, name, files, options);
}

describe("artifacts", () => {
  it("are files under a name, found by it or by the beginning of their digest", async () => {
    const digest = await add(NAME, { "one.txt": "1\n", "two.txt": "two\n" }, { annotations: { k: "v" }, artifactType: "application/x" });
    const [artifact] = listArtifacts(store);
    expect(artifact).toMatchObject({ name: NAME, digest, size: 6, manifest: { artifactType: "application/x" } });
    expect(artifact?.manifest.layers.map(({ annotations, mediaType }) => [annotations, mediaType])).toEqual([
      [{ k: "v", "org.opencontainers.image.title": "one.txt" }, "text/plain; charset=utf-8"],
      [{ k: "v", "org.opencontainers.image.title": "two.txt" }, "text/plain; charset=utf-8"],
    ]);
    expect(findArtifact(store, digest.slice(7, 14))?.name).toBe(NAME);
    expect(findArtifact(store, "example.com/a/b")).toBeUndefined();
  });

  it("are not made twice, but appended to and replaced", async () => {
    const first = await add(NAME, { "one.txt": "1" });
    await expect(add(NAME, { "two.txt": "2" })).rejects.toThrow(/artifact already exists/);
    await expect(add(NAME, { "one.txt": "1" }, { append: true })).rejects.toThrow(/file already exists/);
    await add(NAME, { "two.txt": "2" }, { append: true });
    expect(listArtifacts(store)).toHaveLength(1);
    expect(artifactBlobs(store, NAME).map(({ name }) => name)).toEqual(["one.txt", "two.txt"]);
    await add(NAME, { "three.txt": "3" }, { replace: true });
    expect(artifactBlobs(store, NAME).map(({ name }) => name)).toEqual(["three.txt"]);
    expect(findArtifact(store, first)).toBeUndefined();
    await expect(add(NAME, { x: "" }, { append: true, replace: true })).rejects.toThrow(/cannot be used together/);
  });

  it("are extracted to a directory or a file", async () => {
    await add(NAME, { "one.txt": "1", "two.txt": "2" });
    mkdirSync(join(directory, "out"));
    extractArtifact(store, NAME, join(directory, "out"));
    expect(readFileSync(join(directory, "out/two.txt"), "utf8")).toBe("2");
    expect(() => extractArtifact(store, NAME, join(directory, "file"))).toThrow(/several blobs/);
    extractArtifact(store, NAME, join(directory, "file"), { title: "two.txt" });
    expect(readFileSync(join(directory, "file"), "utf8")).toBe("2");
    expect(() => extractArtifact(store, NAME, join(directory, "file"), { title: "none" })).toThrow(/no blob with the title/);
  });

  it.each(["../up", "/etc/x", ".."])("a title %s leads nowhere", async (title) => {
    await add(NAME, { "one.txt": "1" }, { annotations: { "org.opencontainers.image.title": title } });
    expect(() => extractArtifact(store, NAME, directory)).toThrow(/title invalid/);
  });

  it("are removed with the files that no other one has", async () => {
    await add(NAME, { "one.txt": "1" });
    await add("example.com/c", { "one.txt": "1", "two.txt": "2" });
    await removeArtifact(store, NAME);
    extractArtifact(store, "example.com/c", join(directory, "file"), { title: "one.txt" });
    await removeArtifact(store, "example.com/c");
    expect(listArtifacts(store)).toEqual([]);
    await expect(removeArtifact(store, NAME)).rejects.toThrow(/artifact does not exist/);
  });
});

it.each([
  ["hello", "text/plain; charset=utf-8"],
  ["\x1f\x8b\x08rest", "application/x-gzip"],
  ["a\0b", "application/octet-stream"],
  ["%PDF-1.7", "application/pdf"],
  ["  <!doctype html>", "text/html; charset=utf-8"],
  ["PK\x03\x04", "application/zip"],
  ["", "text/plain; charset=utf-8"],
])("%j is %s", (content, type) => expect(detectContentType(Buffer.from(content, "latin1"))).toBe(type));
