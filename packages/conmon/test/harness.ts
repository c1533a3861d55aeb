import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { POLLIN, SOCK_SEQPACKET, WNOHANG } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";

export const sys = linuxSys();

/** A stand-in for an OCI runtime: `create` and `exec` run `command` of the bundle with the streams that they were given. */
const FAKE_RUNTIME = `#!/bin/sh
spec=
while [ $# -gt 0 ]; do
  case "$1" in
    --pid-file) pidfile=$2; shift ;;
    --bundle) spec=$2/command; shift ;;
    --process) spec=$2; shift ;;
  esac
  shift
done
if [ -f "$spec.fails" ]; then cat "$spec.fails" >&2; exit 1; fi
# a shell takes its background commands' standard input away, so it travels as 9; this shell goes first, or it would be the one to learn
# the exit status
exec 9<&0
{ while kill -0 $$ 2>/dev/null; do sleep 0.01; done; exec sh "$spec" 9<&-; } <&9 &
echo $! >"$pidfile"
`;

export interface Monitored {
  /** The monitor's directory: bundle, log, pid files and exit files. */
  readonly dir: string;
  /** Pid of the process that was started; it ends at once unless --sync is among the options. */
  readonly pid: number;
  /** Our end of the sync pipe. */
  readonly sync: number;
}

export interface StartOptions {
  /** A shell script: the container. */
  readonly command: string;
  readonly args?: readonly string[];
  readonly runtime?: string;
  readonly env?: readonly string[];
  /** Prepares the bundle before the monitor starts. */
  readonly prepare?: (dir: string) => void;
  readonly cid?: string;
  /** False: clients come through a link in the directory `--socket-dir-path`. */
  readonly fullAttach?: boolean;
}

/** Starts the monitor as podman would. */
export function startMonitor(options: StartOptions): Monitored {
  const dir = mkdtempSync(join(tmpdir(), "monitor-"));
  mkdirSync(join(dir, "exits"));
  mkdirSync(join(dir, "persist"));
  writeFileSync(join(dir, "runtime"), FAKE_RUNTIME);
  chmodSync(join(dir, "runtime"), 0o755);
  writeFileSync(join(dir, "command"), options.command);
  options.prepare?.(dir);
  const [sync, syncWrite] = sys.pipe2(0);
  const pid = sys.spawn({
    path: process.execPath,
    argv: ["conmon", join(import.meta.dirname, "../src/bin.ts"), ...monitorArguments(dir, options)],
    env: [`PATH=${process.env.PATH}`, "_OCI_SYNCPIPE=3", `TMPDIR=${dir}`, ...(options.env ?? [])],
    descriptors: [
      [0, 0],
      [1, 1],
      [2, 2],
      [syncWrite, 3],
    ],
    cwd: dir,
  });
  sys.close(syncWrite);
  return { dir, pid, sync };
}

function monitorArguments(dir: string, options: StartOptions): string[] {
  const cid = options.cid ?? "container-of-a-test";
  return [
    "--api-version",
    "1",
    "-c",
    cid,
    "-u",
    cid,
    "-b",
    dir,
    "-r",
    options.runtime ?? join(dir, "runtime"),
    "-p",
    join(dir, "pid"),
    "--exit-dir",
    join(dir, "exits"),
    "--persist-dir",
    join(dir, "persist"),
    "--conmon-pidfile",
    join(dir, "conmon.pid"),
    ...(options.fullAttach === false ? [] : ["--full-attach"]),
    "-l",
    `k8s-file:${dir}/log`,
    ...(options.args ?? []),
  ];
}

/** One message of the sync pipe; undefined at its end. */
export function readSync(monitored: Monitored, timeoutMs = 10_000): { data: number; message?: string } | undefined {
  const entry = { fd: monitored.sync, events: POLLIN, revents: 0 };
  if (sys.poll([entry], timeoutMs) === 0) throw new Error("nothing on the sync pipe");
  const buffer = Buffer.alloc(16384);
  const length = sys.read(monitored.sync, buffer, 0, buffer.length);
  return length === 0 ? undefined : JSON.parse(buffer.toString("utf8", 0, length).split("\n")[0] ?? "");
}

/** Waits for a condition that another process brings about. */
export async function eventually<T>(look: () => T | undefined | false, what: string, timeoutMs = 10_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await Bun.sleep(10);
  }
}

/** The exit status as the engine reads it, once it is there. */
export function exitStatus(monitored: Monitored, cid = "container-of-a-test"): Promise<string> {
  const path = join(monitored.dir, "exits", cid);
  return eventually(() => existsSync(path) && readFileSync(path, "utf8"), `the exit file ${path}`);
}

/** Content of the log: stream, tag and text of every line. */
export function logLines(monitored: Monitored): string[] {
  const text = existsSync(join(monitored.dir, "log")) ? readFileSync(join(monitored.dir, "log"), "utf8") : "";
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.slice(36));
}

export interface AttachedClient {
  readonly fd: number;
  send(text: string): void;
  /** One packet: the stream's byte and its text; undefined at the end. */
  receive(timeoutMs?: number): { stream: number; text: string } | undefined;
}

export function attach(monitored: Monitored): AttachedClient {
  const fd = sys.unixSocket(SOCK_SEQPACKET);
  sys.connect(fd, join(monitored.dir, "attach"));
  return {
    fd,
    send: (text) => void sys.send(fd, Buffer.from(text), 0, Buffer.byteLength(text), 0),
    receive(timeoutMs = 10_000) {
      if (sys.poll([{ fd, events: POLLIN, revents: 0 }], timeoutMs) === 0) throw new Error("nothing from the monitor");
      const buffer = Buffer.alloc(8193);
      const length = sys.recv(fd, buffer, 0, buffer.length, 0);
      return length <= 0 ? undefined : { stream: buffer[0] ?? 0, text: buffer.toString("utf8", 1, length) };
    },
  };
}

/** The monitor's own end: its exit status when it is our child, else when it has gone. */
export async function monitorEnd(monitored: Monitored): Promise<number | undefined> {
  const status = await eventually(() => sys.waitpid(monitored.pid, WNOHANG), "the end of the started process");
  return status.exitCode;
}

/** Ends what may be left, and removes the files. */
export async function cleanUp(monitored: Monitored): Promise<void> {
  for (const file of ["conmon.pid", "pid"]) {
    const path = join(monitored.dir, file);
    if (existsSync(path)) killQuietly(Number(readFileSync(path, "utf8")));
  }
  sys.close(monitored.sync);
  rmSync(monitored.dir, { recursive: true, force: true });
}

function killQuietly(pid: number): void {
  try {
    if (pid > 1) sys.kill(pid, 9);
  } catch {
    // gone already
  }
}
