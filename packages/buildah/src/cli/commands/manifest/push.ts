import { writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { pushList } from "@containers/image/manifest-lists/push";
import { removeLists } from "@containers/image/manifest-lists/remove";
import { BUILDAH_VERSION } from "../../../working-container/record.ts";
import { registryFlags, retryFlags } from "../../flags/registry.ts";
import { retrySettings } from "../../open-ports.ts";
import { compressionOption, formatOption } from "../push.ts";
import { insecureFlag, openManifestImages } from "./manifest-flags.ts";

/** `buildah manifest push`. */
export const pushCommand = defineCommand({
  name: "push",
  summary: "Push a manifest list or image index to a registry",
  description: "Pushes manifest lists and image indexes to registries.",
  usage: "LIST DESTINATION",
  examples: ["buildah manifest push mylist:v1.11 transport:imageName"],
  flags: {
    ...registryFlags,
    ...retryFlags,
    "add-compression": { type: "stringArray", description: "add instances with selected compression while pushing" },
    all: { type: "bool", default: true, description: "also push the images in the list" },
    "compression-format": { type: "string", description: "compression format to use" },
    "compression-level": { type: "int", description: "compression level to use" },
    digestfile: { type: "string", description: "after copying the image, write the digest of the resulting digest to the file" },
    "force-compression": {
      type: "bool",
      description: "use the specified compression algorithm if the destination contains a differently-compressed variant already",
    },
    format: {
      type: "string",
      short: "f",
      description: "manifest type (oci or v2s2) to attempt to use when pushing the manifest list (default is manifest type of source)",
    },
    quiet: { type: "bool", short: "q", description: "don't output progress information when pushing lists" },
    "remove-signatures": { type: "bool", description: "don't copy signatures when pushing images" },
    rm: { type: "bool", aliases: ["purge"], description: "remove the manifest list if push succeeds" },
    "sign-by": { type: "string", description: "sign the image using a GPG key with the specified `FINGERPRINT`" },
    ...insecureFlag,
  },
  args: { min: 1, max: 2, missing: "At least a source list ID must be specified" },
  run: async (invocation) => {
    const { flags, args, given } = invocation;
    const [name = "", destination = name] = args;
    const images = openManifestImages(invocation, { quiet: flags.quiet });
    const { digest } = await pushList(images, name, destination, {
      ...retrySettings(invocation),
      all: flags.all,
      addCompression: given("add-compression") ? flags.addCompression : await configuredAddCompression(),
      removeSignatures: flags.removeSignatures,
      signBy: flags.signBy ? { gpgKey: flags.signBy, creator: `buildah ${BUILDAH_VERSION}` } : undefined,
      ...formatOption(flags.format),
      ...compressionOption(flags),
    });
    if (flags.digestfile !== undefined && flags.digestfile !== "") writeFileSync(flags.digestfile, digest);
    if (!flags.rm) return undefined;
    const { errors } = await removeLists(images, [name]);
    if (errors.length > 0) throw errors[0];
    return undefined;
  },
});

async function configuredAddCompression(): Promise<readonly string[]> {
  const { loadContainersConf } = await import("@containers/common/config/containers-conf");
  return loadContainersConf().engine.addCompression;
}
