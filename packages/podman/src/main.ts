import { runProgram } from "@containers/common/cli/build-program";
import { processOutput } from "@containers/common/cli/output";
import { type ReexecTable, runReexecEntry } from "@containers/common/process/reexec";
import { podmanProgram } from "./cli/program.ts";

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
  return runReexecEntry(argv, ENTRIES) ?? runProgram(podmanProgram, argv, processOutput());
}
