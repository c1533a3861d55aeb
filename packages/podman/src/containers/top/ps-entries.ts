import { reexecArguments } from "@containers/common/process/reexec";
import { AT_FDCWD, CLONE_NEWNS, CLONE_NEWPID, MS_REC, MS_SLAVE, O_CLOEXEC, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/** Exit status of the re-entry points when they are at fault and not ps. */
export const NOT_RUN = 120;

/** The re-entry point `ps-enter PID PROGRAM [ARG…]`: makes its child one of the process's pid namespace. Gives ps's exit status. */
export function enterForPs(sys: Sys, args: readonly string[]): number {
  const [pid, ...rest] = args;
  const { file, argv0, args: entry } = reexecArguments("ps-run", rest);
  try {
    sys.setns(sys.openat2(AT_FDCWD, `/proc/${pid}/ns/pid`, O_RDONLY | O_CLOEXEC, 0, 0), CLONE_NEWPID);
  } catch {
    return NOT_RUN;
  }
  return Bun.spawnSync({ cmd: [file, ...entry], argv0, stdio: ["ignore", "inherit", "inherit"] }).exitCode ?? NOT_RUN;
}

/** The re-entry point `ps-run PROGRAM [ARG…]`: shows this process the /proc of its pid namespace, and becomes the program. */
export function becomePs(sys: Sys, args: readonly string[]): number {
  const [program = "", ...rest] = args;
  try {
    sys.unshare(CLONE_NEWNS);
    sys.mount("", "/", "none", MS_SLAVE | MS_REC, null);
    sys.mount("proc", "/proc", "proc", 0, null);
    return sys.execve(program, [program, ...rest], [`HOME=${process.env["HOME"] ?? "/"}`]);
  } catch {
    return NOT_RUN;
  }
}
