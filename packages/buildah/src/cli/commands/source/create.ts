import { defineCommand } from "@containers/common/cli/define-command";
import { createSourceImage } from "../../../source/source-image.ts";

/** `buildah source create`. */
export const createCommand = defineCommand({
  name: "create",
  summary: "Create a source image",
  description: "Makes an empty source image: an OCI artifact in a directory. The command is experimental.",
  usage: "PATH",
  examples: ["buildah source create /tmp/fedora:latest-source"],
  flags: {
    author: { type: "string", description: "set the author" },
    "time-stamp": { type: "bool", default: true, description: 'set the "created" time stamp' },
  },
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: ({ flags, args }) => {
    createSourceImage(args[0] ?? "", { author: flags.author ?? "", timestamp: flags.timeStamp });
    return undefined;
  },
});
