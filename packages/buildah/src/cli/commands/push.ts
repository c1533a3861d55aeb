import { writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { compressionChoice } from "@containers/image/copy/compression-choice";
import { chooseEncryption } from "@containers/image/encryption/choose";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { type PushOptions, pushImage } from "@containers/image/local-images/push";
import { requireLocalImage } from "@containers/image/local-images/resolve-name";
import { DOCKER_SCHEMA1_SIGNED } from "@containers/image/manifest/media-types";
import { BUILDAH_VERSION, MEDIA_TYPES } from "../../working-container/record.ts";
import { blobCacheFlag, registryFlags, retryFlags } from "../flags/registry.ts";
import { openImages, retrySettings } from "../open-ports.ts";

/** `buildah push`. */
export const pushCommand = defineCommand({
  name: "push",
  summary: "Push an image to a specified destination",
  description: "Pushes an image to a specified location.",
  usage: "IMAGE [DESTINATION]",
  examples: [
    "buildah push imageID docker://registry.example.com/repository:tag",
    "buildah push imageID oci-archive:/path/to/layout:image:tag",
    "buildah push registry.example.com/repository:tag",
  ],
  flags: {
    ...registryFlags,
    ...retryFlags,
    ...blobCacheFlag,
    all: { type: "bool", description: "push all of the images referenced by the manifest list" },
    "compression-format": { type: "string", description: "compression format to use" },
    "compression-level": { type: "int", description: "compression level to use" },
    digestfile: { type: "string", description: "after copying the image, write the digest of the resulting image to the file" },
    "disable-compression": { type: "bool", short: "D", description: "don't compress layers" },
    "encrypt-layer": { type: "stringSlice", description: "layers to encrypt, 0-indexed layer indices with support for negative indexing" },
    "encryption-key": { type: "stringArray", description: "key with the encryption protocol to use needed to encrypt the image" },
    "force-compression": {
      type: "bool",
      description: "use the specified compression algorithm if the destination contains a differently-compressed variant already",
    },
    format: {
      type: "string",
      short: "f",
      description: "manifest type (oci, v2s1, or v2s2) to use in the destination (default is manifest type of source, with fallbacks)",
    },
    quiet: { type: "bool", short: "q", description: "don't output progress information when pushing images" },
    "remove-signatures": { type: "bool", description: "don't copy signatures when pushing image" },
    rm: { type: "bool", description: "remove the manifest list if push succeeds" },
    "sign-by": { type: "string", description: "sign the image using a GPG key with the specified `FINGERPRINT`" },
  },
  args: { min: 1, max: 2, missing: "at least a source image ID must be specified" },
  run: async (invocation) => {
    const { flags, args } = invocation;
    const images = openImages(invocation, { quiet: flags.quiet });
    const [name = "", destination = name] = args;
    const encryption = await chooseEncryption(flags.encryptionKey, flags.encryptLayer);
    try {
      requireLocalImage(images, name);
      const { digest } = await pushImage(images, name, destination, {
        ...retrySettings(invocation),
        removeSignatures: flags.removeSignatures,
        signBy: flags.signBy ? { gpgKey: flags.signBy, creator: `buildah ${BUILDAH_VERSION}` } : undefined,
        ...formatOption(flags.format, { schema1: true }),
        all: flags.all,
        compressedFromCache: !flags.disableCompression,
        encryption,
        ...compressionOption(flags),
      });
      if (flags.digestfile !== undefined && flags.digestfile !== "") writeFileSync(flags.digestfile, digest);
      if (flags.rm) await removeIfList(images, name);
    } catch (error) {
      throw wrapError(
        `pushing image ${JSON.stringify(name)} to ${JSON.stringify(/^[a-z-]+:/.test(destination) ? destination : `docker://${destination}`)}`,
        error,
      );
    }
    return undefined;
  },
});

/** `--rm`: an ordinary image stays. */
async function removeIfList(images: LocalImages, name: string): Promise<void> {
  const { image } = requireLocalImage(images, name, { manifestList: "list" });
  const { loadList } = await import("@containers/image/manifest-lists/list-record");
  const { removeLists } = await import("@containers/image/manifest-lists/remove");
  try {
    loadList(images.store, image);
  } catch (error) {
    if (error instanceof ToolError && error.code === "not-a-manifest-list") return;
    throw error;
  }
  const { errors } = await removeLists(images, [name]);
  if (errors.length > 0) throw errors[0];
}

/** `--format`; lists have no `v2s1`. */
export function formatOption(format: string | undefined, allowed: { readonly schema1?: boolean } = {}): Pick<PushOptions, "format"> {
  if (format === undefined || format === "") return {};
  if (format === "oci") return { format: MEDIA_TYPES.oci.manifest };
  if (format === "v2s2" || format === "docker") return { format: MEDIA_TYPES.docker.manifest };
  const schema1 = allowed.schema1 === true;
  if (format === "v2s1" && schema1) return { format: DOCKER_SCHEMA1_SIGNED };
  const formats = schema1 ? "'oci', 'v2s1', or 'v2s2'" : "'oci' or 'v2s2'";
  throw new ToolError("invalid-argument", `unknown format ${JSON.stringify(format)}. Choose on of the supported formats: ${formats}`);
}

/** `--compression-format` and `--compression-level`. */
export function compressionOption(flags: {
  readonly compressionFormat: string | undefined;
  readonly compressionLevel: number | undefined;
  readonly forceCompression?: boolean | undefined;
}): Pick<PushOptions, "compression"> {
  const { compressionFormat: format, compressionLevel: level, forceCompression: force } = flags;
  return { compression: compressionChoice({ format, level, ...(force === true ? { force } : {}) }) };
}
