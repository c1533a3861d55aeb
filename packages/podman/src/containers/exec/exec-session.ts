import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { runtimeError } from "@containers/common/oci-runtime/runtime-error";
import type { Engine } from "../../engine/engine.ts";
import { execArguments } from "../../monitor/conmon-arguments.ts";
import { monitorEnvironment } from "../../monitor/monitor-environment.ts";
import { moveToScope } from "../../monitor/monitor-scope.ts";
import { type RunningMonitor, type SyncMessage, startMonitor } from "../../monitor/start-monitor.ts";
import type { ExecSession } from "../../state/state.ts";
import type { Container } from "../config.ts";
import { newId } from "../creation/new-id.ts";
import { readOciLog } from "../lifecycle/oci-log.ts";
import { refreshLocked } from "../lifecycle/refresh.ts";
import { requireDeed } from "../lifecycle/transitions.ts";
import type { ExecOptions } from "../options.ts";
import { processOfExec, withExecExitCode } from "./exec-process.ts";

/** A session that is noted, its files in `bundle`; nothing runs yet. */
export interface RecordedSession {
  readonly container: Container;
  readonly session: ExecSession;
  readonly bundle: string;
}

/** Notes a session and writes its files. The caller holds the container's lock. */
export async function recordSession(engine: Engine, stale: Container, options: ExecOptions): Promise<RecordedSession> {
  const container = await refreshLocked(engine, stale);
  if (container.state.status !== "running") {
    withExecExitCode(() => requireDeed("exec", container));
  }
  const spec = processOfExec(engine, container, options);
  const session: ExecSession = {
    id: newId(),
    containerId: container.config.id,
    status: "created",
    pid: 0,
    exitCode: 0,
    command: options.command,
    tty: options.tty ?? false,
    stdin: options.interactive ?? false,
    user: options.user ?? "",
    privileged: options.privileged ?? false,
    env: options.env ?? [],
    workdir: options.workdir ?? "",
    ...(options.detachKeys === undefined ? {} : { detachKeys: options.detachKeys }),
    ...(options.attach === undefined ? {} : { attach: options.attach }),
  };
  const bundle = sessionBundle(container, session.id);
  for (const directory of [bundle, `${bundle}/exit`, `${bundle}/persist/${session.id}`])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${bundle}/exec-process`, JSON.stringify(spec), { mode: 0o600 });
  if (options.unrecorded !== true) engine.state.execSessions.insert(session);
  return { container, session, bundle };
}

/** Where a session's files are. */
export function sessionBundle({ config }: Container, sessionId: string): string {
  return `${config.staticDir}/${sessionId}`;
}

export interface LaunchOptions {
  /** Nobody will attach: the process begins at once. */
  readonly detach: boolean;
  /** The monitor removes the session when its process has ended. */
  readonly cleansUp: boolean;
  /** Descriptors of the caller's that the process gets. */
  readonly passed?: ExecOptions["passed"];
}

/** Starts the session's monitor. */
export function launchSession(engine: Engine, made: RecordedSession, { detach, cleansUp, passed }: LaunchOptions): RunningMonitor {
  const { container, session, bundle } = made;
  const conmon = engine.conmon();
  const runtime = engine.runtime(container.config.runtime);
  return startMonitor(engine.sys, {
    path: conmon.path,
    isOwn: conmon.isOwn,
    cwd: bundle,
    env: monitorEnvironment(process.env, { isOwn: conmon.isOwn, rootless: engine.rootless }),
    attachPipe: !detach,
    ...(passed === undefined ? {} : { passed }),
    beforeGo: (pid) => moveToScope(engine, pid, { config: container.config, id: session.id }),
    args: execArguments({
      containerId: container.config.id,
      sessionId: session.id,
      runtimePath: runtime.path,
      runtimeArguments: runtime.globalArguments.filter((argument) => argument !== "--systemd-cgroup"),
      bundle,
      pidFile: `${bundle}/exec_pid`,
      exitDir: `${bundle}/exit`,
      persistDir: `${bundle}/persist/${session.id}`,
      terminal: session.tty,
      stdin: session.stdin,
      logDriver: "none",
      logPath: "",
      logLevel: engine.globals.logLevel ?? "warning",
      ociLog: `${bundle}/oci-log`,
      processSpec: `${bundle}/exec-process`,
      attach: !detach,
      preserveFds: passed?.count ?? 0,
      exitCommand: cleansUp
        ? engine.cleanupCommand(["container", "cleanup", "--stopped-only", "--exec", session.id, container.config.id])
        : [],
    }),
  });
}

/** Why a session's process could not be started: not-found for a command that is not there, denied for one that cannot be invoked. */
export function sessionStartError(engine: Engine, { container, bundle }: RecordedSession, message: SyncMessage | undefined): Error {
  const told = readOciLog(`${bundle}/oci-log`) || message?.message || "";
  return runtimeError(engine.runtime(container.config.runtime).name, told);
}

/** Removes the session and its files. */
export function forgetSession(engine: Pick<Engine, "state">, session: ExecSession, bundle: string): void {
  engine.state.execSessions.remove(session.id);
  rmSync(bundle, { recursive: true, force: true });
}
