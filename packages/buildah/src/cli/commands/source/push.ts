import { writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { pushSourceImage } from "../../../source/transfer.ts";
import { transferFlags, transferOptions } from "./transfer-flags.ts";

/** `buildah source push`. */
export const pushCommand = defineCommand({
  name: "push",
  summary: "Push a source image from a specified path to a registry",
  description: "Push a source image from a specified path to a registry. The command is experimental.",
  usage: "PATH SOURCEIMAGE",
  examples: ["buildah source push /tmp/sourceimage:latest quay.io/sourceimage/example:latest"],
  flags: {
    ...transferFlags,
    digestfile: {
      type: "string",
      description: "after copying the artifact, write the digest of the resulting image to the file",
    },
    quiet: { type: "bool", short: "q", description: "don't output push progress information" },
  },
  args: { min: 2, max: 2 },
  needsUserNamespace: false,
  run: async (invocation) => {
    const { flags, args } = invocation;
    const digest = await pushSourceImage(args[0] ?? "", args[1] ?? "", await transferOptions(invocation, flags.quiet));
    if (flags.digestfile) writeFileSync(flags.digestfile, digest);
    return undefined;
  },
});
