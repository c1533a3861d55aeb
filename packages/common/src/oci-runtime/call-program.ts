import { POLLIN, SIGKILL } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";

export interface ProgramResult {
  /** 128 + signal when a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program that answers quickly and returns what it wrote. Synchronous: one posix_spawn, one poll loop; a child process
 * through the event loop costs several times as much, and a container's start makes two of them. One that does not end within a second after
 * the process `partner` has is ended: it waits for that one's answer.
 */
export function callProgram(
  path: string,
  args: readonly string[],
  options: { readonly input?: string; readonly sys?: Sys; readonly partner?: number } = {},
): ProgramResult {
  const sys = options.sys ?? linuxSys();
  const opened: number[] = [];
  const pipe = (): readonly [number, number] => {
    const ends = sys.pipe2(0);
    opened.push(...ends);
    return ends;
  };
  const close = (fd: number): void => {
    opened.splice(opened.indexOf(fd), 1);
    sys.close(fd);
  };
  try {
    const [stdin, toChild] = pipe();
    const [fromStdout, stdout] = pipe();
    const [fromStderr, stderr] = pipe();
    const pid = sys.spawn({
      path,
      argv: [path, ...args],
      env: environment(),
      descriptors: [
        [stdin, 0],
        [stdout, 1],
        [stderr, 2],
      ],
    });
    for (const fd of [stdin, stdout, stderr]) close(fd);
    if (options.input !== undefined) writeAll(sys, toChild, Buffer.from(options.input));
    close(toChild);
    const partner = options.partner === undefined ? undefined : openPartner(sys, options.partner);
    if (partner !== undefined && partner >= 0) opened.push(partner);
    const watch = partner === undefined ? undefined : { partner, end: () => sys.kill(pid, SIGKILL) };
    const [out, err] = drain(sys, [fromStdout, fromStderr], watch);
    const status = sys.waitpid(pid, 0);
    return { exitCode: status?.exitCode ?? 128 + (status?.signal ?? 0), stdout: out ?? "", stderr: err ?? "" };
  } finally {
    for (const fd of opened) sys.close(fd);
  }
}

/** Milliseconds. */
const PARTNER_PATIENCE = 1000;

/** What systemd says to a service is for this program alone: crun would act on it too. */
const OWN = /^(BUN_|NOTIFY_SOCKET$|LISTEN_)/;

function environment(): string[] {
  return Object.entries(process.env).flatMap(([key, value]) => (value === undefined || OWN.test(key) ? [] : [`${key}=${value}`]));
}

function writeAll(sys: Sys, fd: number, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) at += sys.write(fd, data, at, data.length - at);
}

/** A descriptor that can be read when the process has ended; -1 when it has gone by now. */
function openPartner(sys: Sys, pid: number): number {
  try {
    return sys.pidfdOpen(pid);
  } catch {
    return -1;
  }
}

/** Reads all descriptors to their ends. `watch.end` is called a second after the partner's end. */
function drain(sys: Sys, fds: readonly number[], watch?: { readonly partner: number; end(): void }): string[] {
  const chunks: Buffer[][] = fds.map(() => []);
  const buffer = Buffer.alloc(16384);
  const entries = fds.map((fd) => ({ fd, events: POLLIN, revents: 0 }));
  const partner = { fd: watch?.partner ?? -1, events: POLLIN, revents: 0 };
  let open = entries.length;
  let patience = watch?.partner === -1 ? PARTNER_PATIENCE : -1;
  while (open > 0) {
    const ready = sys.poll([...entries, partner], patience);
    if (ready === 0) {
      watch?.end();
      patience = -1;
    }
    if (partner.revents !== 0) {
      partner.fd = -1;
      partner.revents = 0;
      patience = PARTNER_PATIENCE;
    }
    entries.forEach((entry, index) => {
      if (entry.fd < 0 || entry.revents === 0) return;
      const length = sys.read(entry.fd, buffer, 0, buffer.length);
      if (length > 0) {
        chunks[index]?.push(Buffer.from(buffer.subarray(0, length)));
      } else {
        entry.fd = -1;
        open -= 1;
      }
    });
  }
  return chunks.map((parts) => Buffer.concat(parts).toString("utf8"));
}
