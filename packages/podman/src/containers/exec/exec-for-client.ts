import { existsSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { isAlive } from "../../monitor/process-identity.ts";
import type { ExecSession } from "../../state/state.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import type { ExecOptions } from "../options.ts";
import { launchSession, type RecordedSession, recordSession, sessionBundle, sessionStartError } from "./exec-session.ts";

/** Makes a session that a client will start later; its id. */
export async function createExecSession(engine: Engine, reference: string, options: ExecOptions): Promise<ExecSession> {
  if (options.command.length === 0)
    throw new ToolError("invalid-argument", "must provide a non-empty command to start an exec session: invalid argument");
  const { config } = resolveContainer(engine, reference);
  const { session } = await withContainerLock(engine, config.id, (container) => recordSession(engine, container, options));
  return session;
}

/** not-found with the original's words. */
export async function findExecSession(engine: Pick<Engine, "state">, id: string): Promise<{ session: ExecSession; container: Container }> {
  const session = engine.state.execSessions.get(id);
  const container = session === undefined ? undefined : engine.state.containers.get(session.containerId);
  if (session === undefined || container === undefined)
    throw new ToolError("not-found", `no exec session with ID ${id} found: no such exec session`, { code: "no-such-exec-session" });
  return { session: await currentSession(engine, session, container), container };
}

/** Milliseconds that a monitor is given to write down how its process ended. */
const EXIT_PATIENCE = 2000;

/**
 * A session whose process has ended, as long as nobody has noted that: the service that watched it has gone, or comes to it in a moment. Who sees
 * that the session has ended must find its exit code, so the monitor's note of it is waited for.
 */
async function currentSession(engine: Pick<Engine, "state">, session: ExecSession, container: Container): Promise<ExecSession> {
  if (session.status !== "running" || isAlive(session.pid)) return session;
  for (let waited = 0, pause = 1; waited < EXIT_PATIENCE; waited += pause, pause = Math.min(pause * 2, 50)) {
    const noted = engine.state.execSessions.get(session.id);
    if (noted !== undefined && noted.status !== "running") return noted;
    const exitCode = readExitCode(container, session.id);
    if (exitCode !== undefined) return noteStopped(engine, session, exitCode);
    await delay(pause);
  }
  return noteStopped(engine, session, -1);
}

function noteStopped(engine: Pick<Engine, "state">, session: ExecSession, exitCode: number): ExecSession {
  const ended: ExecSession = { ...session, status: "stopped", pid: 0, exitCode };
  if (engine.state.execSessions.get(session.id) !== undefined) engine.state.execSessions.update(ended);
  return ended;
}

/** Forgets a session that does not run, or with `force` one that does. */
export async function removeExecSession(engine: Pick<Engine, "state">, id: string, force: boolean): Promise<void> {
  const { session, container } = await findExecSession(engine, id);
  if (session.status === "running" && !force) {
    const refusal = `container ${container.config.id} exec session ${id} is still running, cannot remove`;
    throw new ToolError("invalid-state", `${refusal}: exec session state improper`);
  }
  if (session.status === "running") process.kill(session.pid, "SIGKILL");
  engine.state.execSessions.remove(id);
  rmSync(sessionBundle(container, id), { recursive: true, force: true });
}

/** What is done while a session's streams can be joined. */
export type JoinSession = (bundle: string) => Promise<{ run(): Promise<unknown>; close(): void }>;

/**
 * Starts a session: detached when there is nothing to `join`, else its streams are joined until they end. Returns when the client is served; the end of the
 * process is waited for and noted behind its back. not-found or denied for a command that cannot be started; its exit code is noted too.
 */
export async function startExecSession(engine: Engine, id: string, join?: JoinSession): Promise<void> {
  const { session, container } = await findExecSession(engine, id);
  if (session.status !== "created") {
    const context = `can only start created exec sessions, while container ${container.config.id} session ${id} state is`;
    throw new ToolError("invalid-state", `${context} ${JSON.stringify(session.status)}: exec session state improper`);
  }
  const bundle = sessionBundle(container, id);
  const recorded = { container, session, bundle };
  const monitor = launchSession(engine, recorded, { detach: join === undefined, cleansUp: false });
  try {
    engine.events.write(containerEvent(container.config, "exec"));
    if (join !== undefined) monitor.waitForAttach();
    const joined = await join?.(bundle);
    if (joined !== undefined) monitor.release();
    const message = monitor.readMessage();
    if (message === undefined || message.data < 0) {
      joined?.close();
      throw noteFailure(engine, recorded, sessionStartError(engine, recorded, message));
    }
    engine.state.execSessions.update({ ...session, status: "running", pid: message.data });
    const ended = noteEnd(engine, recorded, monitor.pid);
    await joined?.run();
    if (joined !== undefined) await Promise.race([ended, delay(1000)]);
  } finally {
    monitor.close();
  }
}

function noteFailure(engine: Engine, { session, bundle }: RecordedSession, error: Error): Error {
  const exitCode = error instanceof ToolError ? (error.exitCode ?? (error.kind === "not-found" ? 127 : 126)) : 126;
  engine.state.execSessions.update({ ...session, status: "stopped", exitCode });
  rmSync(bundle, { recursive: true, force: true });
  forgetLater(engine, session.id);
  return error;
}

async function noteEnd(engine: Engine, { session, container, bundle }: RecordedSession, monitorPid: number): Promise<void> {
  for (let pause = 1; ; pause = Math.min(pause * 2, 100)) {
    const exitCode = readExitCode(container, session.id);
    if (exitCode !== undefined || !isAlive(monitorPid)) {
      const code = exitCode ?? readExitCode(container, session.id) ?? -1;
      noteStopped(engine, session, code);
      engine.events.write(containerEvent(container.config, "exec_died", { containerExitCode: code, podId: undefined }));
      rmSync(bundle, { recursive: true, force: true });
      return forgetLater(engine, session.id);
    }
    await delay(pause);
  }
}

function readExitCode(container: Container, sessionId: string): number | undefined {
  const path = `${sessionBundle(container, sessionId)}/exit/${container.config.id}`;
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8").trim();
  return /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** A session that has ended can still be asked for its exit code, for as long as containers.conf's exit_command_delay says. */
function forgetLater(engine: Pick<Engine, "state" | "defaults">, id: string): void {
  setTimeout(() => engine.state.execSessions.remove(id), engine.defaults.exitCommandDelay * 1000).unref();
}
