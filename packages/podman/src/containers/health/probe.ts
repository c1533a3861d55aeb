import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { AT_FDCWD, O_CLOEXEC, O_RDWR, SIGKILL, WNOHANG } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { Engine } from "../../engine/engine.ts";
import { moveToScope } from "../../monitor/monitor-scope.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { newId } from "../creation/new-id.ts";
import { processOfExec } from "../exec/exec-process.ts";

/** A check that runs. */
export interface Probe {
  /** Waits for its end; kills what takes longer than the check may. */
  result(): Promise<ProbeResult>;
}

export interface ProbeResult {
  readonly timedOut: boolean;
  /** What the command returned; 0 is the only good one. */
  readonly exitCode: number;
  /** Of both streams, in the order in which it was written. */
  readonly output: string;
}

const LONGEST_PAUSE = 25;

/** The words of a check as argv; undefined when there is nothing to be run. */
export function testCommand(test: readonly string[] = []): readonly string[] | undefined {
  const [kind = "", ...words] = test;
  if (kind === "" || kind === "NONE") return undefined;
  const command = kind === "CMD" ? words : kind === "CMD-SHELL" ? ["/bin/sh", "-c", words.join(" ")] : test;
  return command[0] === undefined || command[0] === "" ? undefined : command;
}

/**
 * Starts a command in the container straight through the runtime: a check is made often and needs neither a monitor nor a session that outlives
 * it. The caller holds the lock until this returns.
 *
 * @param options.timeout milliseconds; 0 for no limit
 * @param options.maxOutput bytes that are kept; 0 for all
 */
export function startProbe(
  engine: Engine,
  container: Container,
  options: { readonly command: readonly string[]; readonly timeout: number; readonly maxOutput: number },
): Probe {
  const { sys } = engine;
  const { config } = container;
  const bundle = `${config.staticDir}/${newId()}`;
  mkdirSync(bundle, { recursive: true, mode: 0o700 });
  writeFileSync(`${bundle}/process.json`, JSON.stringify(processOfExec(engine, container, { command: options.command })), { mode: 0o600 });
  // An ordinary user may not bring a process into the container's cgroup out of one that is not the user's own.
  if (engine.rootless) moveToScope(engine, process.pid, { config, id: `health-${process.pid}` });
  const pipe = sys.pipe2(O_CLOEXEC);
  const nothing = sys.openat2(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0, 0);
  try {
    const pid = sys.spawn({ ...runtimeCommand(engine, config, bundle), descriptors: descriptors(nothing, pipe[1]) });
    sys.setNonBlocking(pipe[0], true);
    return { result: () => finish(sys, { pid, fd: pipe[0], bundle, ...options }) };
  } catch (error) {
    sys.close(pipe[0]);
    rmSync(bundle, { recursive: true, force: true });
    throw error;
  } finally {
    sys.close(pipe[1]);
    sys.close(nothing);
  }
}

function descriptors(stdin: number, output: number) {
  return [[stdin, 0] as const, [output, 1] as const, [output, 2] as const];
}

function runtimeCommand(engine: Engine, config: ContainerConfig, bundle: string) {
  const runtime = engine.runtime(config.runtime);
  return {
    path: runtime.path,
    argv: [
      runtime.path,
      "--log-format=json",
      "--log",
      `${bundle}/oci-log`,
      ...runtime.globalArguments.filter((argument) => argument !== "--systemd-cgroup" && !argument.startsWith("--log")),
      "exec",
      "--process",
      `${bundle}/process.json`,
      "--pid-file",
      `${bundle}/pid`,
      config.id,
    ],
    env: Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("BUN_") || name.startsWith("NOTIFY_") ? [] : [`${name}=${value}`],
    ),
  };
}

interface RunningProbe {
  readonly pid: number;
  readonly fd: number;
  readonly bundle: string;
  readonly timeout: number;
  readonly maxOutput: number;
}

async function finish(sys: Sys, probe: RunningProbe): Promise<ProbeResult> {
  const output = outputReader(sys, probe.fd, probe.maxOutput);
  const deadline = probe.timeout > 0 ? performance.now() + probe.timeout : Number.POSITIVE_INFINITY;
  let timedOut = false;
  try {
    for (let pause = 2; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      const status = sys.waitpid(probe.pid, WNOHANG);
      output.read();
      if (status !== undefined) {
        const exitCode = status.exitCode ?? 128 + (status.signal ?? 0);
        return { timedOut, exitCode, output: output.text() };
      }
      if (!timedOut && performance.now() >= deadline) {
        timedOut = true;
        kill(sys, probe);
      }
      await delay(pause);
    }
  } finally {
    sys.close(probe.fd);
    rmSync(probe.bundle, { recursive: true, force: true });
  }
}

/** The command itself, and the runtime that waits for it. */
function kill(sys: Sys, { pid, bundle }: RunningProbe): void {
  for (const target of [pidOf(`${bundle}/pid`), pid]) {
    try {
      if (target > 0) sys.kill(target, SIGKILL);
    } catch (error) {
      if (errnoCode(error) !== "ESRCH") throw error;
    }
  }
}

function pidOf(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, "latin1"), 10) || 0;
  } catch {
    return 0;
  }
}

function outputReader(sys: Sys, fd: number, limit: number) {
  const chunk = Buffer.alloc(16384);
  const kept: Buffer[] = [];
  let length = 0;
  return {
    /** Takes what is there now; what is beyond the limit is dropped, so that the command never waits for us. */
    read(): void {
      for (;;) {
        const count = readAvailable(sys, fd, chunk);
        if (count <= 0) return;
        const wanted = limit > 0 ? Math.min(count, limit - length) : count;
        if (wanted > 0) kept.push(Buffer.from(chunk.subarray(0, wanted)));
        length += Math.max(0, wanted);
      }
    },
    text: () => Buffer.concat(kept).toString("utf8"),
  };
}

function readAvailable(sys: Sys, fd: number, buffer: Uint8Array): number {
  try {
    return sys.read(fd, buffer, 0, buffer.length);
  } catch (error) {
    if (errnoCode(error) === "EAGAIN") return 0;
    throw error;
  }
}
