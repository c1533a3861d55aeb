import { defineCommand } from "@containers/common/cli/define-command";
import { BUILDAH_VERSION } from "../../system/version.ts";

/** `podman buildx version`. */
export const buildxVersionCommand = defineCommand({
  name: "version",
  summary: "Print the version of the builder",
  description: "Prints the version of buildah that builds images here.",
  examples: ["podman buildx version"],
  flags: {},
  args: { max: 0 },
  needsUserNamespace: false,
  run: async ({ out }) => {
    out.stdout(`buildah ${BUILDAH_VERSION}\n`);
    return undefined;
  },
});
