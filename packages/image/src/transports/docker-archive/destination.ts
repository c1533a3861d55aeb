import { readAll, streamOf } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { DOCKER_MANIFEST } from "../../manifest/media-types.ts";
import { MAX_CONFIG_BYTES, parseImageManifest } from "../../manifest/parse.ts";
import { temporaryDirectory } from "../blob-file.ts";
import type { ImageContext, ImageDestination, ImageReference } from "../transport.ts";
import type { ArchiveName } from "./reference.ts";
import { configFile, type DockerArchiveWriter, layerFile, openDockerArchiveWriter } from "./writer.ts";

const NO_SIGNATURES = "Storing signatures for docker tar files is not supported";

/** Opens an archive for one image, or for one more of a writer that is open already (then the opener finishes and closes it). */
export async function openDockerArchiveDestination(
  reference: ImageReference,
  place: { readonly name: ArchiveName; readonly context: ImageContext; readonly writer?: DockerArchiveWriter },
): Promise<ImageDestination> {
  if (place.name.index !== undefined)
    throw new ToolError("invalid-argument", `destination reference must not contain a manifest index @${place.name.index}`);
  const writer = place.writer ?? openDockerArchiveWriter(place.name.path, temporaryDirectory(place.context.temporaryDirectory));
  const configs = new Map<string, Uint8Array>();
  return {
    reference,
    supportedManifestTypes: [DOCKER_MANIFEST],
    layerCompression: "decompress",
    // A tar is written front to back.
    parallelBlobs: false,
    acceptsLists: false,
    takesBorrowed: true,
    async putBlob(stream, info, options) {
      if (!options.isConfig) return await writer.archive.addBlob(stream, info, layerFile);
      const bytes = await readAll(stream, MAX_CONFIG_BYTES, `config ${info.digest}`);
      configs.set(sha256(bytes), bytes);
      return await writer.archive.addBlob(streamOf(bytes), { ...info, digest: sha256(bytes), size: bytes.length }, configFile);
    },
    async tryReuseBlob(info, options) {
      const size = writer.archive.size(info.digest);
      // A config that an earlier image brought is still needed here, to list this one.
      return size === undefined || options.isConfig ? undefined : { ...info, size };
    },
    async putManifest(bytes, mediaType) {
      const manifest = parseImageManifest(bytes, mediaType);
      const config = configs.get(manifest.config.digest);
      if (config === undefined) throw new ToolError("internal", `the config ${manifest.config.digest} was not put`);
      writer.addImage(manifest, config, [
        ...(place.name.name === undefined ? [] : [place.name.name]),
        ...(place.name.additionalNames ?? []),
      ]);
    },
    refusesSignatures: NO_SIGNATURES,
    async putSignatures(signatures) {
      if (signatures.length > 0) throw new ToolError("unsupported", NO_SIGNATURES);
    },
    async commit() {
      if (place.writer === undefined) writer.finish();
    },
    async close() {
      if (place.writer === undefined) writer.close();
    },
  };
}
