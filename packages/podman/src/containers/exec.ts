import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { runtimeError } from "@containers/common/oci-runtime/runtime-error";
import type { Engine } from "../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../locks/with-container-lock.ts";
import { execArguments } from "../monitor/conmon-arguments.ts";
import { monitorEnvironment } from "../monitor/monitor-environment.ts";
import { moveToScope } from "../monitor/monitor-scope.ts";
import { type RunningMonitor, type SyncMessage, startMonitor } from "../monitor/start-monitor.ts";
import type { ExecSession } from "../state/state.ts";
import { openAttachSession } from "./attach/attach-session.ts";
import type { Container } from "./config.ts";
import { containerEvent } from "./container-event.ts";
import { processOfExec, withExecExitCode } from "./exec-process.ts";
import { newId } from "./new-id.ts";
import { readOciLog } from "./oci-log.ts";
import type { ExecOptions } from "./options.ts";
import { refreshLocked } from "./refresh.ts";
import { requireDeed } from "./transitions.ts";

/**
 * Runs a command in a running container. Returns its exit code, 0 at once when detached. not-found with exit code 127 for a command that is
 * not there, denied with 126 for one that cannot be invoked.
 */
export async function execInContainer(engine: Engine, reference: string, options: ExecOptions): Promise<number> {
  if (options.command.length === 0) {
    throw new ToolError("invalid-argument", "must provide a non-empty command to start an exec session: invalid argument", {
      exitCode: 125,
    });
  }
  const found = resolveContainer(engine, reference);
  const prepared = await withContainerLock(engine, found.config.id, (container) => prepareSession(engine, container, options));
  const { monitor } = prepared;
  try {
    engine.events.write(containerEvent(prepared.container.config, "exec"));
    return options.detach === true ? startDetached(engine, prepared, options) : await runAttached(engine, prepared, options);
  } finally {
    monitor.close();
  }
}

interface PreparedSession {
  readonly container: Container;
  readonly session: ExecSession;
  readonly bundle: string;
  readonly monitor: RunningMonitor;
}

/** Under the lock: the record, the bundle, the monitor. The process is not started before someone is attached. */
async function prepareSession(engine: Engine, stale: Container, options: ExecOptions): Promise<PreparedSession> {
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
  };
  const bundle = `${container.config.staticDir}/${session.id}`;
  for (const directory of [bundle, `${bundle}/exit`, `${bundle}/persist/${session.id}`])
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(`${bundle}/exec-process`, JSON.stringify(spec), { mode: 0o600 });
  engine.state.execSessions.insert(session);
  try {
    return { container, session, bundle, monitor: launch(engine, { container, session, bundle }, options) };
  } catch (error) {
    forget(engine, session, bundle);
    throw error;
  }
}

function launch(engine: Engine, made: Omit<PreparedSession, "monitor">, options: ExecOptions): RunningMonitor {
  const { container, session, bundle } = made;
  const conmon = engine.conmon();
  const runtime = engine.runtime(container.config.runtime);
  return startMonitor(engine.sys, {
    path: conmon.path,
    isOwn: conmon.isOwn,
    cwd: bundle,
    env: monitorEnvironment(process.env, conmon.isOwn),
    attachPipe: options.detach !== true,
    ...(options.passed === undefined ? {} : { passed: options.passed }),
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
      attach: options.detach !== true,
      preserveFds: options.passed?.count ?? 0,
      exitCommand:
        options.detach === true
          ? engine.cleanupCommand(["container", "cleanup", "--stopped-only", "--exec", session.id, container.config.id])
          : [],
    }),
  });
}

function startDetached(engine: Engine, prepared: PreparedSession, options: ExecOptions): number {
  const { session, bundle, monitor } = prepared;
  const message = monitor.readMessage();
  if (message === undefined || message.data < 0) {
    forget(engine, session, bundle);
    const error = startError(engine, prepared, message);
    // Nobody waits for the command: that it is not there is a failure of this one.
    throw error instanceof ToolError ? new ToolError(error.kind, error.message, { code: error.code, exitCode: 125 }) : error;
  }
  engine.state.execSessions.update({ ...session, status: "running", pid: message.data });
  options.onStarted?.(session.id);
  return 0;
}

async function runAttached(engine: Engine, prepared: PreparedSession, options: ExecOptions): Promise<number> {
  const { session, bundle, monitor } = prepared;
  let detached = false;
  try {
    monitor.waitForAttach();
    const attach = await openAttachSession(engine.sys, bundle, {
      streams: {
        stdin: session.stdin,
        stdout: true,
        stderr: true,
        ...(options.detachKeys === undefined ? {} : { detachKeys: options.detachKeys }),
        sigProxy: false,
      },
      tty: session.tty,
      detachKeys: engine.defaults.detachKeys,
      deliver: () => undefined,
    });
    monitor.release();
    const message = monitor.readMessage();
    if (message === undefined || message.data < 0) {
      attach.close();
      throw startError(engine, prepared, message);
    }
    engine.state.execSessions.update({ ...session, status: "running", pid: message.data });
    detached = (await attach.run()) === "detached";
    return detached ? 0 : finish(engine, prepared);
  } finally {
    if (!detached) forget(engine, session, bundle);
  }
}

/** The second message of the monitor is the exit code. */
function finish(engine: Engine, { container, monitor }: PreparedSession): number {
  const exitCode = monitor.readMessage()?.data ?? -1;
  engine.events.write(containerEvent(container.config, "exec_died", { containerExitCode: exitCode }));
  return exitCode < 0 ? 255 : exitCode;
}

function startError(engine: Engine, { container, bundle }: PreparedSession, message: SyncMessage | undefined): Error {
  const told = readOciLog(`${bundle}/oci-log`) || message?.message || "";
  return runtimeError(engine.runtime(container.config.runtime).name, told);
}

function forget(engine: Engine, session: ExecSession, bundle: string): void {
  engine.state.execSessions.remove(session.id);
  rmSync(bundle, { recursive: true, force: true });
}
