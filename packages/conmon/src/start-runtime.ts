import { AT_FDCWD, O_RDONLY, O_WRONLY } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { childEnvironment } from "./environment.ts";
import type { MonitorOptions } from "./options.ts";

/** The container's ends of its standard streams, and ours. */
export interface StdioPipes {
  readonly stdin: number | undefined;
  readonly stdout: number | undefined;
  /** There is always one: it also carries what the runtime has to say when it fails. */
  readonly stderr: number;
  readonly container: { readonly stdin: number | undefined; readonly stdout: number | undefined; readonly stderr: number };
}

/** Pipes, because `open("/dev/stdout")` in the container fails on sockets; with mode 0777, because its user may be anybody. */
export function openStdioPipes(sys: MonitorSys, options: Pick<MonitorOptions, "terminal" | "stdin">): StdioPipes {
  const stdin = !options.terminal && options.stdin ? sys.pipe2(0) : undefined;
  const stdout = options.terminal ? undefined : sys.pipe2(0);
  const stderr = sys.pipe2(0);
  for (const fd of [stdin?.[0], stdout?.[1], stderr[1]]) if (fd !== undefined) sys.fchmodat(AT_FDCWD, `/proc/self/fd/${fd}`, 0o777);
  return {
    stdin: stdin?.[1],
    stdout: stdout?.[0],
    stderr: stderr[0],
    container: { stdin: stdin?.[0], stdout: stdout?.[1], stderr: stderr[1] },
  };
}

/**
 * Starts the OCI runtime with the container's streams and the descriptors that the caller meant for the container. The container's pipe ends are closed here
 * afterwards. `pipes` is undefined for passthrough: then it gets our own streams. Throws SysError when it cannot be executed.
 */
export function startRuntime(
  sys: MonitorSys,
  start: { argv: readonly string[]; pipes: StdioPipes | undefined; inherited: readonly number[]; replaceListenPid: boolean },
): number {
  const nothing = [O_RDONLY, O_WRONLY].map((flags) => sys.openat2(AT_FDCWD, "/dev/null", flags, 0, 0));
  const own = start.pipes?.container;
  const standard = start.pipes === undefined ? [0, 1, 2] : [own?.stdin ?? nothing[0], own?.stdout ?? nothing[1], own?.stderr ?? nothing[1]];
  const command = withListenPid(start.argv, start.replaceListenPid);
  try {
    return sys.spawn({
      path: command[0] ?? "",
      argv: command,
      env: childEnvironment(),
      descriptors: [...standard.map((fd, index) => [fd ?? index, index] as const), ...start.inherited.map((fd) => [fd, fd] as const)],
    });
  } finally {
    for (const fd of [...nothing, own?.stdin, own?.stdout, own?.stderr]) if (fd !== undefined) sys.close(fd);
  }
}

/**
 * Socket activation names the one process that may use the sockets. When that was us it must become the runtime, whose pid
 * is only known to itself: a shell puts it in and then becomes the runtime.
 */
function withListenPid(argv: readonly string[], replace: boolean): readonly string[] {
  const listenPid = process.env.LISTEN_PID;
  if (listenPid === undefined || !(replace || Number(listenPid) === process.pid)) return argv;
  return ["/bin/sh", "-c", 'LISTEN_PID=$$; export LISTEN_PID; exec "$@"', "sh", ...argv];
}
