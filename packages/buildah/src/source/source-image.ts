import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import { sha256 } from "@containers/common/digest/digest";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { readRegularFile } from "@containers/common/fs/regular-file";
import { linuxSys } from "@containers/common/sys/linux";
import { type TarItem, treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import { goJson } from "../commit/go-json.ts";
import { copied } from "../context/pack-context.ts";
import { timestampNow } from "../executor/clock.ts";

/** What tells a source image from others. */
export const SOURCE_CONFIG = "application/vnd.oci.source.image.config.v1+json";

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Layout {
  readonly directory: string;
  readonly tag: string;
}

/** Makes an empty source image: an OCI layout at `PATH[:TAG]`, which must not exist. */
export function createSourceImage(path: string, options: { readonly author: string; readonly timestamp: boolean }): void {
  if (existsSync(path)) throw new ToolError("already-exists", `creating source image: ${JSON.stringify(path)} already exists`);
  const layout = parsePath(path);
  mkdirSync(join(layout.directory, "blobs", "sha256"), { recursive: true });
  writeFileSync(join(layout.directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  const config = {
    ...(options.timestamp ? { created: timestampNow() } : {}),
    ...(options.author === "" ? {} : { author: options.author }),
  };
  const blob = putBlob(layout, Buffer.from(goJson(config)));
  writeManifest(layout, { schemaVersion: 2, mediaType: MANIFEST, config: { mediaType: SOURCE_CONFIG, ...blob }, layers: [] });
}

/** Adds a file, or all files of a directory, as a layer of the source image. */
export async function addSourceArtifact(path: string, artifact: string, annotations: readonly string[]): Promise<void> {
  const layout = parsePath(path);
  statOf(layout.directory);
  const notes = parseAnnotations(annotations);
  const old = currentManifest(layout);
  const blob = await putArchive(layout, resolve(artifact));
  const layer = { mediaType: LAYER, ...blob, ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }) };
  writeManifest(layout, { ...old.manifest, layers: [...old.manifest.layers, layer] });
  rmSync(blobPath(layout, old.digest), { force: true });
}

/** The path without its tag, which follows the last colon of the last part. */
function parsePath(path: string): Layout {
  const [, directory = path, tag = ""] = /^(.*?)(?::([^/:]+))?$/.exec(path) ?? [];
  return { directory: resolve(directory), tag };
}

function statOf(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path);
  } catch (error) {
    throw wrapError("opening source image", error);
  }
}

function parseAnnotations(texts: readonly string[]): Readonly<Record<string, string>> {
  const all = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals === -1)
      throw new ToolError("invalid-argument", `invalid annotation ${JSON.stringify(text)} (expected format is "key=value")`);
    const key = text.slice(0, equals);
    if (all.has(key)) throw new ToolError("invalid-argument", `annotation ${JSON.stringify(key)} specified more than once`);
    all.set(key, text.slice(equals + 1));
  }
  return Object.fromEntries(all);
}

function blobPath(layout: Layout, digest: string): string {
  return join(layout.directory, "blobs", digest.replace(":", "/"));
}

function putBlob(layout: Layout, bytes: Uint8Array): { readonly digest: string; readonly size: number } {
  const digest = sha256(bytes);
  writeFileAtomic(blobPath(layout, digest), bytes, { mode: 0o644 });
  return { digest, size: bytes.length };
}

async function putArchive(layout: Layout, artifact: string): Promise<{ readonly digest: string; readonly size: number }> {
  const items = statOf(artifact)?.isDirectory() === true ? treeItems(artifact) : copied(basename(artifact), artifact);
  const hash = createHash("sha256");
  const partial = join(layout.directory, "blobs", `.partial-${process.pid}`);
  const file = Bun.file(partial).writer();
  let size = 0;
  try {
    for await (const chunk of Readable.from(treeToTar(linuxSys(), items)).pipe(createGzip())) {
      if (!(chunk instanceof Uint8Array)) continue;
      hash.update(chunk);
      size += chunk.length;
      file.write(chunk);
      await file.flush();
    }
    await file.end();
    const digest = `sha256:${hash.digest("hex")}`;
    renameSync(partial, blobPath(layout, digest));
    return { digest, size };
  } finally {
    rmSync(partial, { force: true });
  }
}

function* treeItems(directory: string): Generator<TarItem> {
  for (const file of walkTree(linuxSys(), directory)) yield { kind: "file", file };
}

function currentManifest(layout: Layout): { readonly manifest: Manifest; readonly digest: string } {
  const index: unknown = JSON.parse(readRegularFile(join(layout.directory, "index.json")).toString());
  const manifests = typeof index === "object" && index !== null && "manifests" in index ? index.manifests : undefined;
  const [first] = Array.isArray(manifests) ? (manifests as readonly Partial<Descriptor>[]) : [];
  if (typeof first?.digest !== "string" || !/^sha256:[0-9a-f]{64}$/.test(first.digest))
    throw new ToolError("corrupt", `${layout.directory}: the index names no image`);
  const manifest = JSON.parse(readRegularFile(blobPath(layout, first.digest)).toString()) as Partial<Manifest>;
  const { config, layers } = manifest;
  if (config?.mediaType !== SOURCE_CONFIG)
    throw new ToolError(
      "invalid-argument",
      `invalid media type of image config ${JSON.stringify(config?.mediaType ?? "")} (expected: ${JSON.stringify(SOURCE_CONFIG)})`,
    );
  return { manifest: { schemaVersion: 2, mediaType: MANIFEST, config, layers: layers ?? [] }, digest: first.digest };
}

function writeManifest(layout: Layout, manifest: Manifest): void {
  const blob = putBlob(layout, Buffer.from(goJson(manifest)));
  const annotations = layout.tag === "" ? {} : { annotations: { "org.opencontainers.image.ref.name": layout.tag } };
  const index = { schemaVersion: 2, manifests: [{ mediaType: MANIFEST, ...blob, ...annotations }] };
  writeFileAtomic(join(layout.directory, "index.json"), goJson(index), { mode: 0o644 });
}
