import { defineCommand } from "@containers/common/cli/define-command";
import { addSourceArtifact } from "../../../source/source-image.ts";

/** `buildah source add`. */
export const addCommand = defineCommand({
  name: "add",
  summary: "Add a source artifact to a source image",
  description: "Adds a file or directory to a source image, as a compressed archive. The command is experimental.",
  usage: "PATH ARTIFACT",
  examples: ["buildah source add /tmp/fedora sources.tar.gz"],
  flags: { annotation: { type: "stringArray", description: "add an annotation (format: key=value)" } },
  args: { min: 2, max: 2 },
  needsUserNamespace: false,
  run: async ({ flags, args }) => {
    await addSourceArtifact(args[0] ?? "", args[1] ?? "", flags.annotation);
    return undefined;
  },
});
