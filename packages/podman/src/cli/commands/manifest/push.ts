import { writeFileSync } from "node:fs";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { compressionChoice } from "@containers/image/copy/compression-choice";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { DOCKER_MANIFEST, OCI_MANIFEST } from "@containers/image/manifest/media-types";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { type PushListOptions, pushList } from "@containers/image/manifest-lists/push";
import { removeLists } from "@containers/image/manifest-lists/remove";
import type { Service } from "../../../remote/service.ts";
import { refuseSequoia, refuseSigning, signBy } from "../image/push.ts";
import { onImages, progressOf, registryAccess, registryFlags } from "../image/with-images.ts";
import { insecureFlag, withInsecure } from "./manifest-flags.ts";

const flags = {
  "add-compression": { type: "stringSlice", description: "add instances with selected compression while pushing" },
  all: { type: "bool", default: true, description: "also push the images in the list" },
  ...registryFlags,
  "compression-format": { type: "string", description: "compression format to use" },
  "compression-level": { type: "int", description: "compression level to use" },
  digestfile: { type: "string", description: "after copying the image, write the digest of the resulting digest to the file" },
  "force-compression": {
    type: "bool",
    description: "Use the specified compression algorithm even if the destination contains a differently-compressed variant already",
  },
  format: {
    type: "string",
    short: "f",
    description: "manifest type (oci or v2s2) to attempt to use when pushing the manifest list (default is manifest type of source)",
  },
  quiet: { type: "bool", short: "q", description: "don't output progress information when pushing lists" },
  "remove-signatures": { type: "bool", description: "don't copy signatures when pushing images" },
  rm: { type: "bool", aliases: ["purge"], description: "remove the manifest list if push succeeds" },
  "sign-by": { type: "string", description: "Add a signature at the destination using the specified key" },
  "sign-by-sigstore": { type: "string", description: "Sign the image using a sigstore parameter file at `PATH`" },
  "sign-by-sigstore-private-key": { type: "string", description: "Sign the image using a sigstore private key at `PATH`" },
  "sign-by-sq-fingerprint": { type: "string", description: "Sign the image using a Sequoia-PGP key with the specified `FINGERPRINT`" },
  "sign-passphrase-file": { type: "string", description: "Read a passphrase for signing an image from `PATH`" },
  ...insecureFlag,
} as const;

type PushInvocation = Invocation<FlagValues<typeof flags>>;

/** `podman manifest push`. */
export const manifestPushCommand = defineCommand({
  name: "push",
  summary: "Push a manifest list or image index to a registry",
  description: "Pushes manifest lists and image indexes to registries.",
  usage: "LIST DESTINATION",
  examples: [
    "podman manifest push mylist:v1.11 docker://quay.io/myuser/image-and-tag",
    "podman manifest push mylist:v1.11 dir:/tmp/mylist",
  ],
  flags,
  args: { min: 1, max: 2 },
  run: async (invocation) => {
    refuseSequoia(invocation);
    const { flags: values, args } = invocation;
    const [name = "", destination = name] = args;
    const digest = await onImages(invocation, {
      local: async ({ engine, images }) => {
        const { id } = requireList(images, name);
        const addCompression = invocation.given("add-compression") ? values.addCompression : engine.config.engine.addCompression;
        const pushed = await push(withInsecure(images, invocation), { name, destination, addCompression }, invocation);
        engine.events.write({ type: "image", status: "push", id, name: destination });
        return pushed;
      },
      remote: (service) => pushThere(service, { name, destination, addCompression: values.addCompression }, invocation),
    });
    if (values.digestfile) writeFileSync(values.digestfile, digest, { mode: 0o644 });
    return undefined;
  },
});

interface Push {
  readonly name: string;
  readonly destination: string;
  readonly addCompression: readonly string[];
}

async function push(images: LocalImages, { name, destination, addCompression }: Push, invocation: PushInvocation): Promise<string> {
  const { flags: values } = invocation;
  const { digest } = await pushList(images, name, destination, {
    all: values.all,
    format: manifestFormat(values.format),
    compression: compression(invocation),
    addCompression,
    removeSignatures: values.removeSignatures,
    signBy: signBy(values),
  });
  if (!values.rm) return digest;
  const { errors } = await removeLists(images, [name]);
  if (errors.length > 0) throw errors[0];
  return digest;
}

async function pushThere(service: Service, { name, destination, addCompression }: Push, invocation: PushInvocation): Promise<string> {
  const { flags: values } = invocation;
  refuseSigning(invocation);
  manifestFormat(values.format);
  const { force } = compression(invocation) ?? {};
  const deeds = await import("../../../remote/manifests/deeds.ts");
  const access = registryAccess(invocation);
  const digest = await deeds.pushList(service, name, destination, {
    all: values.all,
    format: values.format,
    compressionFormat: values.compressionFormat,
    compressionLevel: values.compressionLevel,
    forceCompression: force,
    addCompression,
    removeSignatures: values.removeSignatures,
    access: invocation.given("insecure") ? { ...access, tlsVerify: !values.insecure } : access,
    progress: progressOf(invocation),
  });
  if (!values.rm) return digest;
  const { errors } = await deeds.removeLists(service, [name], false);
  if (errors.length > 0) throw errors[0];
  return digest;
}

function manifestFormat(format: string | undefined): string | undefined {
  if (format === undefined || format === "") return undefined;
  if (format === "oci") return OCI_MANIFEST;
  if (format === "v2s2" || format === "docker") return DOCKER_MANIFEST;
  throw new ToolError("invalid-argument", `unknown format "${format}". Choose one of the supported formats: 'oci' or 'v2s2'`);
}

function compression({ flags: values, given }: PushInvocation): PushListOptions["compression"] {
  const force = given("force-compression") ? values.forceCompression : given("compression-format");
  return compressionChoice({ format: values.compressionFormat, level: values.compressionLevel, force });
}
