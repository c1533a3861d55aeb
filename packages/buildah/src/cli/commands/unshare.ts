import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { run } from "@containers/common/process/run";
import { isRootless } from "@containers/common/rootless/rootless";

/** `buildah unshare`: by the time it runs, this process is in the namespace. */
export const unshareCommand = defineCommand({
  name: "unshare",
  summary: "Run a command in a modified user namespace",
  description: "Runs a command in a modified user namespace.",
  usage: "[COMMAND [ARGS [...]]]",
  examples: ["buildah unshare id", "buildah unshare cat /proc/self/uid_map"],
  flags: {},
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: async ({ args }) => {
    if (!isRootless()) throw new ToolError("invalid-state", "please use unshare with rootless");
    const [file = process.env["SHELL"] ?? "/bin/sh", ...rest] = args;
    return (await run(file, rest, { stdio: "inherit" })).exitCode;
  },
});
