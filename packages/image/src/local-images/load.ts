import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { describeError, isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";
import { copyImage } from "../copy/copy-image.ts";
import { openArchive } from "../transports/archive-file/archive-reader.ts";
import { temporaryDirectory, writeStream } from "../transports/blob-file.ts";
import { storageReference } from "../transports/containers-storage/reference.ts";
import { dirTransport } from "../transports/dir/reference.ts";
import { readArchiveManifest, selectItem } from "../transports/docker-archive/archive-manifest.ts";
import { type ArchiveName, dockerArchiveReference } from "../transports/docker-archive/reference.ts";
import { ociArchiveReference } from "../transports/oci-archive/reference.ts";
import { ociReference } from "../transports/oci-layout/reference.ts";
import type { ImageReference } from "../transports/transport.ts";
import { copyOptions } from "./copy-options.ts";
import type { LocalImages } from "./local-images.ts";
import { normalizeName } from "./normalize-name.ts";
import { configIdOf, layoutImageName } from "./source-name.ts";
import { throughCache } from "./through-cache.ts";

/**
 * Loads all images of an archive (oci-archive or docker-archive, compressed or not) or of a directory (OCI layout or `dir:`); which it is, is told
 * from its contents.
 *
 * @param source a path, an http(s) URL, or a stream such as standard input
 * @returns the names they have in the store; `sha256:ID` for those without
 * @throws not-found for a missing file; invalid-argument when it is none of the formats; corrupt
 */
export async function loadArchive(images: LocalImages, source: string | ByteStream): Promise<readonly string[]> {
  if (typeof source === "string" && !/^https?:\/\//.test(source)) return loadPath(images, source);
  const directory = mkdtempSync(join(temporaryDirectory(images.temporaryDirectory), "container_images_load"));
  try {
    const path = join(directory, "archive");
    await spool(path, typeof source === "string" ? await download(images, source) : source);
    return await loadPath(images, path);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Loads what a reference to another place than a registry means: one image, under all its names. */
export async function loadImages(images: LocalImages, place: ImageReference): Promise<readonly string[]> {
  const { transport, withinTransport: text } = place;
  if (transport !== "docker-archive") return [await loadOne(images, place)];
  if (existsSync(text)) return loadDockerImage(images, { path: text });
  const colon = text.indexOf(":");
  return loadDockerImage(images, { path: text.slice(0, colon), ...archiveChoice(place, text.slice(colon + 1)) });
}

async function loadPath(images: LocalImages, path: string): Promise<readonly string[]> {
  const format = await detectFormat(images, path);
  if (format === "docker-archive") return loadDockerArchive(images, path);
  const layout = { path, text: path };
  if (format === "dir") return [await loadOne(images, dirTransport.parse(path))];
  return [await loadOne(images, format === "oci" ? ociReference(layout) : ociArchiveReference(layout))];
}

async function detectFormat(images: LocalImages, path: string): Promise<"oci" | "dir" | "oci-archive" | "docker-archive"> {
  try {
    if (statSync(path).isDirectory()) {
      if (existsSync(join(path, "index.json"))) return "oci";
      if (existsSync(join(path, "manifest.json"))) return "dir";
      throw new ToolError("invalid-argument", `${path} holds neither index.json nor manifest.json`);
    }
    const reader = await openArchive(path, temporaryDirectory(images.temporaryDirectory));
    try {
      const oci = reader.find("index.json") !== undefined && reader.find("oci-layout") !== undefined;
      const docker = reader.find("manifest.json") !== undefined;
      // Archives of newer dockers are both; as an OCI archive they are read only when they hold one image.
      if (oci && (!docker || (await ociArchiveHoldsOne(reader)))) return "oci-archive";
      if (docker) return "docker-archive";
      throw new ToolError("invalid-argument", "the archive holds neither index.json nor manifest.json");
    } finally {
      reader.close();
    }
  } catch (error) {
    if (isErrorOfKind(error, "cancelled")) throw error;
    throw new ToolError("invalid-argument", `payload does not match any of the supported image formats: ${describeError(error)}`, {
      code: "unknown-image-format",
    });
  }
}

async function ociArchiveHoldsOne(reader: Awaited<ReturnType<typeof openArchive>>): Promise<boolean> {
  const { MAX_MANIFEST_BYTES, parseManifestList } = await import("../manifest/parse.ts");
  return parseManifestList(await reader.read("index.json", MAX_MANIFEST_BYTES)).manifests.length === 1;
}

async function loadDockerArchive(images: LocalImages, path: string): Promise<readonly string[]> {
  const reader = await openArchive(path, temporaryDirectory(images.temporaryDirectory));
  try {
    const items = await readArchiveManifest(reader);
    const names: string[] = [];
    for (const [index, item] of items.entries()) {
      const source = dockerArchiveReference({ path, index }, { reader });
      names.push(...(await copyUnder(images, source, item.repoTags)));
    }
    return names;
  } finally {
    reader.close();
  }
}

async function loadDockerImage(images: LocalImages, name: ArchiveName): Promise<readonly string[]> {
  const reader = await openArchive(name.path, temporaryDirectory(images.temporaryDirectory));
  try {
    const item = selectItem(await readArchiveManifest(reader), name);
    const tags = name.name === undefined ? item.repoTags : [name.name.toString()];
    return await copyUnder(images, dockerArchiveReference(name, { reader }), tags);
  } finally {
    reader.close();
  }
}

function archiveChoice(place: ImageReference, choice: string): Pick<ArchiveName, "name" | "index"> {
  return choice.startsWith("@") ? { index: Number(choice.slice(1)) } : { name: place.dockerReference };
}

/** Copies an image into the store under the first of its names, and gives it the others. */
async function copyUnder(images: LocalImages, source: ImageReference, tags: readonly string[]): Promise<readonly string[]> {
  const names = tags.map((tag) => normalizeName(tag).toString());
  const [first, ...others] = names;
  if (first === undefined) {
    const id = await configIdOf(source, images);
    await copyImage(source, await throughCache(images, storageReference(images.store, `@${id}`)), await copyOptions(images));
    return [`sha256:${id}`];
  }
  await copyImage(source, await throughCache(images, storageReference(images.store, first)), await copyOptions(images));
  const image = images.store.images.get(first);
  if (image !== undefined && others.length > 0) images.store.images.addNames(image.id, others);
  return names;
}

async function loadOne(images: LocalImages, source: ImageReference): Promise<string> {
  const name = await layoutImageName(source, images);
  const [loaded] = await copyUnder(images, source, name === undefined ? [] : [name]);
  return loaded ?? "";
}

async function spool(path: string, stream: ByteStream): Promise<void> {
  const fd = openSync(path, "wx", 0o600);
  try {
    await writeStream(fd, stream);
  } finally {
    closeSync(fd);
  }
}

async function download(images: LocalImages, url: string): Promise<ByteStream> {
  const response = await httpRequest(url, { redirect: "follow", signal: images.signal });
  if (response.status === 200) return response.stream();
  await response.discard();
  throw new ToolError("unavailable", `downloading ${url}: the server answered with status ${response.status}`);
}
