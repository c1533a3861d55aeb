import { writeFileSync } from "node:fs";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { compressionChoice } from "@containers/image/copy/compression-choice";
import { copyImage } from "@containers/image/copy/copy-image";
import type { CopyOptions } from "@containers/image/copy/copy-options";
import { silentProgress } from "@containers/image/copy/progress";
import { chooseDecryptor, chooseEncryption } from "@containers/image/encryption/choose";
import { type NamedReference, parseNormalizedName } from "@containers/image/reference/reference";
import { dockerArchiveReference } from "@containers/image/transports/docker-archive/reference";
import { transportNames } from "@containers/image/transports/register";
import type { ImageReference } from "@containers/image/transports/transport";
import { refuseSequoia, sharedCopyFlags, sharedCopyOptions, signer, trustPolicy } from "../flags/copy.ts";
import { imageContext, retryFlags, sideFlags } from "../flags/image.ts";
import { logLine } from "../log-line.ts";
import { outputProgress } from "../progress.ts";
import { parseName, type SkopeoCommand, withCommand } from "../with-command.ts";

const flags = {
  authfile: { type: "string", description: "path of the registry credentials file. Default is ${XDG_RUNTIME_DIR}/containers/auth.json" },
  "tls-verify": {
    type: "bool",
    default: true,
    hidden: true,
    description: "require HTTPS and verify certificates when accessing the container registry",
  },
  ...sideFlags("src-"),
  ...sideFlags("dest-"),
  "dest-compress": {
    type: "bool",
    description:
      "Compress tarball image layers when saving to directory using the 'dir' transport. (default is same compression type as source)",
  },
  "dest-decompress": {
    type: "bool",
    description:
      "Decompress tarball image layers when saving to directory using the 'dir' transport. (default is same compression type as source)",
  },
  "dest-oci-accept-uncompressed-layers": {
    type: "bool",
    description:
      "Allow uncompressed image layers when saving to an OCI image using the 'oci' transport. (default is to compress things that aren't compressed)",
  },
  "dest-compress-format": { type: "string", description: "`FORMAT` to use for the compression" },
  "dest-compress-level": { type: "int", description: "`LEVEL` to use for the compression" },
  "dest-precompute-digests": {
    type: "bool",
    description: "Precompute digests to prevent uploading layers already on the registry using the 'docker' transport.",
  },
  "dest-force-compress-format": {
    type: "bool",
    description: "Force exclusive use of the compression algorithm set in --dest-compress-format",
  },
  ...retryFlags,
  ...sharedCopyFlags,
  "additional-tag": { type: "stringSlice", description: "additional tags (supports docker-archive)" },
  quiet: { type: "bool", short: "q", description: "Suppress output information when copying images" },
  all: { type: "bool", short: "a", description: "Copy all images if SOURCE-IMAGE is a list" },
  "multi-arch": { type: "string", description: "How to handle multi-architecture images (system, all, or index-only)" },
  "sign-identity": {
    type: "string",
    description: "Identity of signed image, must be a fully specified docker reference. Defaults to the target docker reference.",
  },
  digestfile: { type: "string", description: "Write the digest of the pushed image to the specified file" },
  "encryption-key": {
    type: "stringSlice",
    description: "*Experimental* key with the encryption protocol to use needed to encrypt the image (e.g. jwe:/path/to/key.pem)",
  },
  "encrypt-layer": {
    type: "stringSlice",
    description:
      "*Experimental* the 0-indexed layer indices, with support for negative indexing (e.g. 0 is the first layer, -1 is the last layer)",
  },
  "decryption-key": { type: "stringSlice", description: "*Experimental* key needed to decrypt the image" },
  "image-parallel-copies": {
    type: "uint",
    default: 0,
    description:
      "Maximum number of image layers to be copied (pulled/pushed) simultaneously. Not setting this field will fall back to containers/image defaults.",
  },
} as const;

type CopyFlags = FlagValues<typeof flags>;

/** `skopeo copy`. */
export const copyCommand = defineCommand({
  name: "copy",
  summary: "Copy an IMAGE-NAME from one location to another",
  description: `Container "IMAGE-NAME" uses a "transport":"details" format.

Supported transports:
${transportNames().join(", ")}

See skopeo(1) section "IMAGE NAMES" for the expected format
`,
  usage: "SOURCE-IMAGE DESTINATION-IMAGE",
  examples: ["skopeo copy docker://quay.io/skopeo/stable:latest docker://registry.example.com/skopeo:latest"],
  flags,
  args: { min: 0 },
  needsUserNamespace: false,
  run: (invocation) => withCommand(invocation, (command) => copy(invocation, command)),
});

async function copy(invocation: Invocation<CopyFlags>, command: SkopeoCommand): Promise<void> {
  const [sourceName, destinationName, more] = invocation.args;
  if (sourceName === undefined || destinationName === undefined || more !== undefined) {
    throw new ToolError("invalid-argument", "Exactly two arguments expected", { hint: "skopeo copy --help shows them" });
  }
  refuseSequoia(command);
  if (invocation.given("tls-verify")) {
    invocation.out.stderr(logLine("warning", "'--tls-verify' is deprecated, instead use: --src-tls-verify, --dest-tls-verify"));
  }
  const policy = trustPolicy(command.globals);
  const source = parseName(`Invalid source name ${sourceName}`, sourceName);
  const destination = withAdditionalTags(
    parseName(`Invalid destination name ${destinationName}`, destinationName),
    invocation.flags.additionalTag,
  );
  const common: CopyOptions = {
    ...sharedCopyOptions(invocation.flags),
    ...(await keys(invocation.flags)),
    context: { source: imageContext(command, "src-", command.signal), destination: imageContext(command, "dest-", command.signal) },
    multiArch: multiArch(invocation),
    compression: compression(invocation, destination.transport),
    policy,
    sign: await signer(invocation.flags, destination, signIdentity(invocation.flags.signIdentity)),
    signal: command.signal,
    parallel: invocation.flags.imageParallelCopies || undefined,
  };
  const { digestfile, quiet } = invocation.flags;
  await command.retrying(async () => {
    const progress = quiet ? silentProgress() : await outputProgress(invocation.out);
    const report = await copyImage(source, destination, { ...common, progress });
    if (digestfile !== undefined && digestfile !== "") writeDigest(digestfile, report.digest);
  });
}

async function keys(values: CopyFlags): Promise<Pick<CopyOptions, "encryption" | "decryptor">> {
  const { encryptionKey, encryptLayer, decryptionKey } = values;
  if (encryptionKey.length > 0 && decryptionKey.length > 0)
    throw new ToolError("invalid-argument", "--encryption-key and --decryption-key cannot be specified together");
  return { encryption: await chooseEncryption(encryptionKey, encryptLayer), decryptor: await chooseDecryptor(decryptionKey) };
}

function signIdentity(text: string | undefined): NamedReference | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    // No defaults are filled in: what is signed must be what was written.
    if (parseNormalizedName(text).toString() !== text) throw new ToolError("invalid-argument", "repository name must be canonical");
    return parseNormalizedName(text);
  } catch (error) {
    throw wrapError("Could not parse --sign-identity", error);
  }
}

/** A docker-archive may list an image under several names; elsewhere the flag says nothing, as in the original. */
function withAdditionalTags(destination: ImageReference, tags: readonly string[]): ImageReference {
  const additionalNames = tags.map((tag) => {
    const name = parseNormalizedName(tag);
    if (name.tag === undefined) throw new ToolError("invalid-argument", `additional-tag '${tag}' must be a tagged reference`);
    return name;
  });
  if (destination.transport !== "docker-archive" || additionalNames.length === 0) return destination;
  const path = destination.withinTransport.split(":", 1)[0] ?? "";
  return dockerArchiveReference({ path, name: destination.dockerReference, additionalNames });
}

function multiArch({ flags: values, given }: Invocation<CopyFlags>): CopyOptions["multiArch"] {
  if (!given("multi-arch")) return values.all ? "all" : "system";
  if (values.all) throw new ToolError("invalid-argument", "Cannot use --all and --multi-arch flags together");
  const choice = values.multiArch;
  if (choice === "system" || choice === "all" || choice === "index-only") return choice;
  throw new ToolError(
    "invalid-argument",
    `unknown multi-arch option "${choice}". Choose one of the supported options: 'system', 'all', or 'index-only'`,
  );
}

function compression({ flags: values, out }: Invocation<CopyFlags>, transport: string): CopyOptions["compression"] {
  if (transport !== "dir") {
    if (values.destCompress) out.stderr(logLine("warning", "--dest-compress can only be used if the destination transport is 'dir'"));
    if (values.destDecompress) out.stderr(logLine("warning", "--dest-decompress can only be used if the destination transport is 'dir'"));
  }
  const format = values.destCompressFormat;
  if (values.destForceCompressFormat && format === undefined)
    throw new ToolError("invalid-argument", "cannot use ForceCompressionFormat with undefined default compression format");
  const asked = { format, level: values.destCompressLevel, force: values.destForceCompressFormat === true };
  return { ...compressionChoice(asked), form: layerForm(values, transport) };
}

function layerForm(values: CopyFlags, transport: string): NonNullable<CopyOptions["compression"]>["form"] {
  if (transport.startsWith("oci")) return values.destOciAcceptUncompressedLayers ? "preserve" : undefined;
  if (transport !== "dir") return undefined;
  if (values.destCompress && values.destDecompress)
    throw new ToolError("invalid-argument", "Cannot compress and decompress at the same time");
  return values.destCompress ? "compress" : values.destDecompress ? "decompress" : undefined;
}

function writeDigest(path: string, digest: string): void {
  try {
    writeFileSync(path, digest, { mode: 0o644 });
  } catch (error) {
    throw wrapError(`Failed to write digest to file "${path}"`, error);
  }
}
