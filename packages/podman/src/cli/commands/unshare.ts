import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { spawnChild } from "@containers/common/process/run";
import { isRootless } from "@containers/common/rootless/rootless";
import { signalNumber } from "@containers/common/sys/signals";
import type { Engine, EngineGlobals } from "../../engine/engine.ts";

/** `podman unshare`: a command, or a shell, as root of the user namespace. Its exit code is ours. */
export const unshareCommand = defineCommand({
  name: "unshare",
  summary: "Run a command in a modified user namespace",
  description: "Runs a command in a modified user namespace.",
  usage: "[COMMAND [ARG...]]",
  examples: ["podman unshare id", "podman unshare cat /proc/self/uid_map", "podman unshare podman-script.sh"],
  flags: {
    "rootless-netns": {
      type: "bool",
      aliases: ["rootless-cni"],
      description: "Join the rootless network namespace used for CNI and netavark networking",
    },
  },
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: async ({ flags, args, globals }) => {
    if (!isRootless()) throw new ToolError("invalid-argument", "please use unshare with rootless");
    const [name = process.env.SHELL ?? "/bin/sh", ...rest] = args;
    const file = findExecutable(name);
    if (file === undefined) throw new ToolError("not-found", `exec: "${name}": executable file not found in $PATH`, { exitCode: 127 });
    if (!flags.rootlessNetns) return runInherited({ file, argv0: name, args: rest });
    const { openEngine } = await import("../../engine/open-engine.ts");
    return inRootlessNetns(openEngine(globals as EngineGlobals), { file, args: rest });
  },
});

interface Program {
  readonly file: string;
  readonly argv0?: string;
  readonly args: readonly string[];
}

async function inRootlessNetns(engine: Engine, program: Program): Promise<number> {
  const { rootlessNetns } = engine.networkHost;
  if (rootlessNetns === undefined) throw new ToolError("invalid-state", "there is no rootless network namespace for root");
  // Counted as a user of the namespace while the command runs, without holding the lock for that long.
  await engine.networkHost.locked(() => rootlessNetns.use(async () => rootlessNetns.joined(1)));
  try {
    return await runInherited(rootlessNetns.command(program.file, program.args));
  } finally {
    await engine.networkHost.locked(async () => rootlessNetns.left(1));
  }
}

/** Runs to the end with our terminal; what it dies of becomes 128 + the signal. */
async function runInherited(program: Program): Promise<number> {
  const child = spawnChild(program.file, program.args, { argv0: program.argv0, stdin: "inherit" });
  const code = await child.exited;
  return child.signalCode === null ? code : 128 + (signalNumber(String(child.signalCode)) ?? 0);
}
