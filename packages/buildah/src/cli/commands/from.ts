import { writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { DEFAULT_CAPABILITIES, mergeCapabilities } from "@containers/common/security/capabilities";
import { ownCapabilities } from "@containers/common/security/own-capabilities";
import { createWorkingContainer } from "../../working-container/create.ts";
import { imageFormat } from "../build-options.ts";
import { blobCacheFlag, hostDirectoryFlags, platformFlags, pullFlags, registryFlags, retryFlags } from "../flags/registry.ts";
import { runFlags } from "../flags/run-environment.ts";
import { openImages, platformChoice, pullPolicy, retrySettings } from "../open-ports.ts";
import { runSettings } from "../run-settings.ts";

/** `buildah from`. */
export const fromCommand = defineCommand({
  name: "from",
  summary: "Create a working container based on an image",
  description: "Creates a new working container, either from scratch or using a specified\n  image as a starting point.",
  usage: "IMAGE",
  examples: [
    "buildah from --pull imagename",
    "buildah from docker-daemon:imagename:imagetag",
    'buildah from --name "myproject" myregistry/myrepository/imagename:imagetag',
  ],
  flags: {
    ...runFlags,
    ...registryFlags,
    ...retryFlags,
    ...platformFlags,
    ...pullFlags,
    ...blobCacheFlag,
    ...hostDirectoryFlags,
    cidfile: { type: "string", description: "write the container ID to the file" },
    "decryption-key": { type: "stringSlice", description: "key needed to decrypt the image" },
    format: { type: "string", short: "f", description: "`format` of the image manifest and metadata" },
    name: { type: "string", description: "`name` for the working container" },
    quiet: { type: "bool", short: "q", description: "don't output progress information when pulling images" },
    suffix: { type: "string", hidden: true, description: "what names of working containers end with, instead of working-container" },
  },
  args: { min: 0, max: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [from] = args;
    if (from === undefined || from === "") throw new ToolError("invalid-argument", 'an image name (or "scratch") must be specified');
    const settings = runSettings(invocation);
    const platform = platformChoice(invocation);
    const container = await createWorkingContainer(openImages(invocation, { quiet: flags.quiet }), {
      from,
      pull: pullPolicy(invocation),
      format: imageFormat(flags.format),
      isolation: settings.isolation,
      capabilities: mergeCapabilities(DEFAULT_CAPABILITIES, {
        add: settings.capAdd,
        drop: settings.capDrop,
        available: ownCapabilities().bounding,
      }),
      volumes: settings.volumes,
      ...(settings.network === undefined ? {} : { network: settings.network }),
      ...(flags.name === undefined || flags.name === "" ? {} : { name: flags.name }),
      ...(flags.suffix === undefined || flags.suffix === "" ? {} : { suffix: flags.suffix }),
      ...(platform === undefined ? {} : { platform }),
      ...retrySettings(invocation),
    });
    if (flags.cidfile !== undefined && flags.cidfile !== "") writeFileSync(flags.cidfile, container.id);
    out.stdout(`${container.name}\n`);
    return undefined;
  },
});
