import { digestHex } from "@containers/common/digest/digest";
import { goJsonBytes, sortKeys } from "../../manifest/go-json.ts";
import type { ImageManifest } from "../../manifest/manifest.ts";
import type { NamedReference } from "../../reference/reference.ts";
import { type ArchiveWriter, openArchiveWriter } from "../archive-file/archive-writer.ts";
import { ARCHIVE_MANIFEST, LEGACY_REPOSITORIES } from "./archive-manifest.ts";
import { legacyLayers } from "./legacy-layers.ts";

/** A `docker save` archive in the making, for one image or several that share layers. */
export interface DockerArchiveWriter {
  readonly archive: ArchiveWriter;
  /** Lists an image whose blobs have been added, under these names. */
  addImage(manifest: ImageManifest, config: Uint8Array, names: readonly NamedReference[]): void;
  /** Writes the lists and the end. */
  finish(): void;
  /** Closes the file, removing it unless it was finished. */
  close(): void;
}

interface Item {
  readonly Config: string;
  readonly RepoTags: string[];
  readonly Layers: readonly string[];
}

export function layerFile(digest: string): string {
  return `${digestHex(digest)}.tar`;
}

export function configFile(digest: string): string {
  return `${digestHex(digest)}.json`;
}

/** Starts an archive. `directory` is for blobs whose size is not known in advance. */
export function openDockerArchiveWriter(path: string, directory: string): DockerArchiveWriter {
  const archive = openArchiveWriter(path, { directory, refusal: "docker-archive doesn't support modifying existing images" });
  const items = new Map<string, Item>();
  const repositories = new Map<string, Record<string, string>>();
  const legacyWritten = new Set<string>();
  return {
    archive,
    addImage(manifest, config, names) {
      const item = items.get(manifest.config.digest) ?? {
        Config: configFile(manifest.config.digest),
        RepoTags: [],
        Layers: manifest.layers.map((layer) => layerFile(layer.digest)),
      };
      items.set(manifest.config.digest, item);
      const top = writeLegacyLayers(archive, { manifest, config, written: legacyWritten });
      for (const name of names) {
        const tagged = `${name.name}:${name.tag ?? "latest"}`;
        if (!item.RepoTags.includes(tagged)) item.RepoTags.push(tagged);
        if (top !== undefined) repositories.set(name.name, { ...repositories.get(name.name), [name.tag ?? "latest"]: top });
      }
    },
    finish() {
      archive.tar.addBytes(ARCHIVE_MANIFEST, goJsonBytes([...items.values()]));
      archive.tar.addBytes(LEGACY_REPOSITORIES, goJsonBytes(sortKeys(Object.fromEntries(repositories))));
      archive.finish();
    },
    close: () => archive.close(),
  };
}

/** What tools older than manifest.json read: a directory for each layer. Returns the top one's id. */
function writeLegacyLayers(
  archive: ArchiveWriter,
  image: { readonly manifest: ImageManifest; readonly config: Uint8Array; readonly written: Set<string> },
): string | undefined {
  const layers = legacyLayers(
    image.manifest.layers.map((layer) => layer.digest),
    image.config,
  );
  for (const layer of layers) {
    if (image.written.has(layer.id)) continue;
    image.written.add(layer.id);
    archive.tar.addSymlink(`${layer.id}/layer.tar`, `../${layerFile(layer.digest)}`);
    archive.tar.addBytes(`${layer.id}/VERSION`, new TextEncoder().encode("1.0"));
    archive.tar.addBytes(`${layer.id}/json`, layer.json);
  }
  return layers.at(-1)?.id;
}
