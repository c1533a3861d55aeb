import { existsSync } from "node:fs";
import { basename } from "node:path";
import { runProgram } from "@containers/common/cli/build-program";
import { processOutput } from "@containers/common/cli/output";
import { type ReexecTable, runReexecEntry } from "@containers/common/process/reexec";
import { USERNS_CONFIGURED } from "@containers/common/rootless/rootless";
import { podmanProgram } from "./cli/program.ts";

/** Without this file, which only an administrator can make, no hook is asked before a command. */
const PREEXEC_MARKER = "/etc/containers/podman_preexec_hooks.txt";

const ENTRIES: ReexecTable = {
  "buildah-chroot": async (args) => {
    const [{ enterChroot }, { linuxSys }] = await Promise.all([
      import("@containers/buildah/index"),
      import("@containers/common/sys/linux"),
    ]);
    return enterChroot(linuxSys(), args);
  },
  "runtime-root": async (args) => {
    const [{ execWithRoot }, { linuxSys }] = await Promise.all([
      import("./monitor/runtime-root.ts"),
      import("@containers/common/sys/linux"),
    ]);
    return execWithRoot(linuxSys(), args);
  },
  "ps-enter": async (args) => {
    const [{ enterForPs }, { linuxSys }] = await Promise.all([
      import("./containers/top/ps-entries.ts"),
      import("@containers/common/sys/linux"),
    ]);
    return enterForPs(linuxSys(), args);
  },
  "ps-run": async (args) => {
    const [{ becomePs }, { linuxSys }] = await Promise.all([
      import("./containers/top/ps-entries.ts"),
      import("@containers/common/sys/linux"),
    ]);
    return becomePs(linuxSys(), args);
  },
};

/** Runs podman; the number is the exit code. `argv` is the command line without the program's name. */
export async function main(argv: readonly string[]): Promise<number> {
  // What is made must not be closed or open to others because of where it was made: umask 077 would hide volumes from their containers.
  process.umask(0o022);
  return runReexecEntry(argv, ENTRIES) ?? ((await refusedByHook(argv)) || runProgram(podmanProgram, await lineOf(argv), processOutput()));
}

/** Under the name of podmansh the program is a shell, and its command line another. */
async function lineOf(argv: readonly string[]): Promise<readonly string[]> {
  if (basename(process.argv0).replace(/^-/, "") !== "podmansh") return argv;
  return (await import("./cli/podmansh.ts")).podmanshCommand(argv);
}

/** What a hook of the administrator's ended with; 0 when there is none or it agrees. In the user namespace it has been asked already. */
async function refusedByHook(argv: readonly string[]): Promise<number> {
  if (!existsSync(PREEXEC_MARKER) || (process.geteuid?.() === 0 && process.env[USERNS_CONFIGURED] !== undefined)) return 0;
  const { preexecHookDirectories, runPreexecHooks } = await import("./engine/preexec-hooks.ts");
  return runPreexecHooks(preexecHookDirectories(process.env), ["podman", ...argv]);
}
