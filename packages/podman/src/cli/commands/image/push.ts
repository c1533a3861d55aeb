import { writeFileSync } from "node:fs";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import { compressionChoice } from "@containers/image/copy/compression-choice";
import type { PushOptions } from "@containers/image/local-images/push";
import { DOCKER_MANIFEST, DOCKER_SCHEMA1_SIGNED, OCI_MANIFEST } from "@containers/image/manifest/media-types";
import { sequoiaRefusal } from "@containers/image/trust/signer";
import { pushByName } from "../../../images/image-deeds.ts";
import { podmanVersion } from "../../../system/version.ts";
import { onImages, progressOf, registryAccess, registryFlags, retriesOf, retryFlagsFor, signaturePolicyFlag } from "./with-images.ts";

const flags = {
  ...registryFlags,
  compress: {
    type: "bool",
    description:
      "Compress tarball image layers when pushing to a directory using the 'dir' transport. (default is same compression type as source)",
  },
  "compression-format": {
    type: "string",
    description: "compression format to use",
    configuredDefault: () => loadContainersConf().engine.compressionFormat,
  },
  "compression-level": {
    type: "int",
    description: "compression level to use",
    configuredDefault: () => loadContainersConf().engine.compressionLevel,
  },
  digestfile: { type: "string", description: "Write the digest of the pushed image to the specified file" },
  "disable-content-trust": { type: "bool", description: "This is a Docker specific option and is a NOOP" },
  "encrypt-layer": {
    type: "stringSlice",
    description:
      "Layers to encrypt, 0-indexed layer indices with support for negative indexing (e.g. 0 is the first layer, -1 is the last layer). If not defined, will encrypt all layers if encryption-key flag is specified",
  },
  "encryption-key": {
    type: "stringArray",
    description: "Key with the encryption protocol to use to encrypt the image (e.g. jwe:/path/to/key.pem)",
  },
  "force-compression": {
    type: "bool",
    description: "Use the specified compression algorithm if the destination contains a differently-compressed variant already",
  },
  format: {
    type: "string",
    short: "f",
    description: "Manifest type (oci, v2s2, or v2s1) to use in the destination (default is manifest type of source, with fallbacks)",
  },
  quiet: { type: "bool", short: "q", description: "Suppress output information when pushing images" },
  "remove-signatures": { type: "bool", description: "Discard any pre-existing signatures in the image" },
  ...retryFlagsFor("push"),
  "sign-by": { type: "string", description: "Add a signature at the destination using the specified key" },
  "sign-by-sigstore": { type: "string", description: "Sign the image using a sigstore parameter file at `PATH`" },
  "sign-by-sigstore-private-key": { type: "string", description: "Sign the image using a sigstore private key at `PATH`" },
  "sign-by-sq-fingerprint": { type: "string", description: "Sign the image using a Sequoia-PGP key with the specified `FINGERPRINT`" },
  "sign-passphrase-file": { type: "string", description: "Read a passphrase for signing an image from `PATH`" },
  ...signaturePolicyFlag,
} as const;

/** `podman push`, `podman image push`. */
export const imagePushCommand = defineCommand({
  name: "push",
  summary: "Push an image to a specified destination",
  description:
    'Pushes a source image to a specified destination.\n\n  The Image "DESTINATION" uses a "transport":"details" format. See podman-push(1) section "DESTINATION" for the expected format.',
  usage: "IMAGE [DESTINATION]",
  examples: [
    "podman image push imageID docker://registry.example.com/repository:tag",
    "podman image push imageID oci-archive:/path/to/layout:image:tag",
  ],
  flags,
  args: { min: 1, max: 2 },
  run: (invocation) => push(invocation),
});

async function push(invocation: Invocation<FlagValues<typeof flags>>): Promise<number | undefined> {
  const { flags: values, args } = invocation;
  refuseSequoia(invocation);
  const [name = "", destination] = args;
  const options: PushOptions = {
    format: manifestFormat(values.format),
    compression: compression(invocation),
    removeSignatures: values.removeSignatures,
    signBy: signBy(values),
  };
  retriesOf(values);
  const digest = await onImages(invocation, {
    local: async (work) => {
      const encryption = await encryptionOf(values);
      return (await pushByName(work, name, { ...options, ...retriesOf(values, work.engine.config), ...encryption, destination })).digest;
    },
    remote: (service, deeds) => {
      refuseSigning(invocation);
      return deeds.pushImage(service, name, {
        destination,
        format: values.format,
        compressionFormat: values.compressionFormat,
        compressionLevel: values.compressionLevel,
        forceCompression: options.compression?.force,
        removeSignatures: values.removeSignatures,
        retry: values.retry,
        access: registryAccess(invocation),
        progress: progressOf(invocation),
      });
    },
  });
  if (values.digestfile) writeFileSync(values.digestfile, digest, { mode: 0o644 });
  return undefined;
}

async function encryptionOf(
  values: Pick<FlagValues<typeof flags>, "encryptionKey" | "encryptLayer">,
): Promise<Pick<PushOptions, "encryption">> {
  if (values.encryptionKey.length + values.encryptLayer.length === 0) return {};
  const { chooseEncryption } = await import("@containers/image/encryption/choose");
  return { encryption: await chooseEncryption(values.encryptionKey, values.encryptLayer) };
}

const KEY_FLAGS = ["sign-by", "sign-by-sigstore", "sign-by-sigstore-private-key", "encryption-key", "encrypt-layer"];

/** A service has none of this machine's keys. @throws unsupported */
export function refuseSigning<V>(invocation: Pick<Invocation<V>, "given">): void {
  const signing = KEY_FLAGS.find((flag) => invocation.given(flag));
  if (signing !== undefined) throw new ToolError("unsupported", `--${signing} is not supported with the remote podman client`);
}

/** @throws unsupported */
export function refuseSequoia<V>(invocation: Invocation<V>): void {
  if (invocation.given("sign-by-sq-fingerprint")) throw sequoiaRefusal("error using");
}

/** The keys of `--sign-by`, `--sign-by-sigstore` and `--sign-by-sigstore-private-key`. */
export function signBy(
  values: Pick<FlagValues<typeof flags>, "signBy" | "signBySigstore" | "signBySigstorePrivateKey" | "signPassphraseFile">,
): PushOptions["signBy"] {
  return {
    gpgKey: values.signBy || undefined,
    sigstoreParameterFile: values.signBySigstore || undefined,
    sigstoreKeyFile: values.signBySigstorePrivateKey || undefined,
    passphraseFile: values.signPassphraseFile || undefined,
    creator: `podman ${podmanVersion}`,
  };
}

function manifestFormat(format: string | undefined): string | undefined {
  switch (format) {
    case undefined:
    case "":
      return undefined;
    case "oci":
      return OCI_MANIFEST;
    case "v2s2":
    case "docker":
      return DOCKER_MANIFEST;
    case "v2s1":
      return DOCKER_SCHEMA1_SIGNED;
    default:
      throw new ToolError("invalid-argument", `unknown format "${format}". Choose on of the supported formats: 'oci', 'v2s1', or 'v2s2'`);
  }
}

function compression({ flags: values, given }: Invocation<FlagValues<typeof flags>>): PushOptions["compression"] {
  const force = given("force-compression") ? values.forceCompression : given("compression-format");
  const choice = compressionChoice({ format: values.compressionFormat, level: values.compressionLevel, force });
  return { ...choice, form: values.compress ? "compress" : undefined };
}
