import { defineCommand } from "@containers/common/cli/define-command";
import { runBuildCommand } from "../build-options.ts";
import { buildFlags } from "../flags/build.ts";
import { openBuildPorts } from "../open-ports.ts";

/** `buildah build`, `bud`. */
export const buildCommand = defineCommand({
  name: "build",
  aliases: ["build-using-dockerfile", "bud"],
  summary: "Build an image using instructions in a Containerfile",
  description:
    "Builds an OCI image using instructions in one or more Containerfiles.\n\n  If no arguments are specified, Buildah will use the current working directory as the build context and look for a Containerfile. The build fails if no Containerfile nor Dockerfile is present.",
  usage: "[CONTEXT]",
  examples: [
    "buildah build",
    "buildah bud -f Containerfile.simple .",
    "buildah bud --volume /home/test:/myvol:ro,Z -t imageName .",
    "buildah bud -f Containerfile.simple -f Containerfile.notsosimple .",
  ],
  flags: {
    ...buildFlags,
    "force-rm": { type: "bool", description: "Always remove intermediate containers after a build, even if the build is unsuccessful." },
    layers: { type: "bool", description: "use intermediate layers during build. Use BUILDAH_LAYERS environment variable to override." },
  },
  args: { min: 0, max: 1 },
  run: async (invocation) => {
    const quiet = invocation.flags.quiet;
    await runBuildCommand(invocation, () => openBuildPorts(invocation, { quiet }), { layers: false, forceRemoveContainers: false });
    return undefined;
  },
});
