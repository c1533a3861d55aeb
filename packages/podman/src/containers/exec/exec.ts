import { existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import type { RunningMonitor } from "../../monitor/start-monitor.ts";
import { openAttachSession } from "../attach/attach-session.ts";
import { parseDetachKeys } from "../attach/detach-keys.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import type { ExecOptions } from "../options.ts";
import { withExecExitCode } from "./exec-process.ts";
import { forgetSession, launchSession, type RecordedSession, recordSession, sessionStartError } from "./exec-session.ts";

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
  if (options.detach !== true) withExecExitCode(() => parseDetachKeys(options.detachKeys ?? engine.defaults.detachKeys));
  const prepared = await withContainerLock(engine, found.config.id, (container) => prepareSession(engine, container, options));
  const { monitor } = prepared;
  try {
    if (options.unrecorded !== true) engine.events.write(containerEvent(prepared.container.config, "exec"));
    return options.detach === true ? startDetached(engine, prepared, options) : await runAttached(engine, prepared, options);
  } finally {
    monitor.close();
  }
}

interface PreparedSession extends RecordedSession {
  readonly monitor: RunningMonitor;
}

/** Under the lock: the record, the bundle, the monitor. The process is not started before someone is attached. */
async function prepareSession(engine: Engine, stale: Container, options: ExecOptions): Promise<PreparedSession> {
  const made = await recordSession(engine, stale, options);
  try {
    return {
      ...made,
      monitor: launchSession(engine, made, {
        detach: options.detach === true,
        cleansUp: options.detach === true,
        ...(options.passed === undefined ? {} : { passed: options.passed }),
      }),
    };
  } catch (error) {
    forgetSession(engine, made.session, made.bundle);
    throw error;
  }
}

function startDetached(engine: Engine, prepared: PreparedSession, options: ExecOptions): number {
  const { session, bundle, monitor } = prepared;
  const message = monitor.readMessage();
  if (message === undefined || message.data < 0) {
    forgetSession(engine, session, bundle);
    const error = sessionStartError(engine, prepared, message);
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
      throw sessionStartError(engine, prepared, message);
    }
    if (options.unrecorded !== true) engine.state.execSessions.update({ ...session, status: "running", pid: message.data });
    detached = (await attach.run()) === "detached";
    return detached ? 0 : finish(engine, prepared, options);
  } catch (error) {
    throw existsSync(bundle) ? error : runIsOver();
  } finally {
    if (!detached) forgetSession(engine, session, bundle);
  }
}

/** The container was started anew while the session was being opened, which went with the run that it was for. */
function runIsOver(): ToolError {
  return new ToolError("invalid-state", "can only create exec sessions on running containers: container state improper", { exitCode: 255 });
}

/** The second message of the monitor is the exit code. */
function finish(engine: Engine, { container, monitor }: PreparedSession, { unrecorded }: ExecOptions): number {
  const exitCode = monitor.readMessage()?.data ?? -1;
  if (unrecorded !== true)
    engine.events.write(containerEvent(container.config, "exec_died", { containerExitCode: exitCode, podId: undefined }));
  return exitCode < 0 ? 255 : exitCode;
}
