import { defineCommand } from "@containers/common/cli/define-command";
import { pullSourceImage } from "../../../source/transfer.ts";
import { transferFlags, transferOptions } from "./transfer-flags.ts";

/** `buildah source pull`. */
export const pullCommand = defineCommand({
  name: "pull",
  summary: "Pull a source image from a registry to a specified path",
  description: "Pull a source image from a registry to a specified path. The command is experimental.",
  usage: "SOURCEIMAGE PATH",
  examples: ["buildah source pull quay.io/sourceimage/example:latest /tmp/sourceimage:latest"],
  flags: {
    ...transferFlags,
    quiet: { type: "bool", short: "q", description: "don't output pull progress information" },
  },
  args: { min: 2, max: 2 },
  needsUserNamespace: false,
  run: async (invocation) => {
    const { flags, args } = invocation;
    await pullSourceImage(args[0] ?? "", args[1] ?? "", await transferOptions(invocation, flags.quiet));
    return undefined;
  },
});
