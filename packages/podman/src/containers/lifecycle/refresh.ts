import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "../../engine/engine.ts";
import { readExitFile } from "../../monitor/exit-file.ts";
import { bootId, isAlive, isSameProcess } from "../../monitor/process-identity.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { forgetSessionsOf } from "../exec/exec-cleanup.ts";
import type { ContainerState } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { cleanUpRun, settleNetwork } from "./clean-up-run.ts";
import { isBelievedAlive } from "./stale.ts";
import { endUnwatched, isUnwatched } from "./unwatched.ts";

/** What is recorded as exit code when nobody saw the end: the monitor was killed or the host went down. */
export const UNKNOWN_EXIT = -1;

/**
 * Makes the record tell the truth: the process may have ended, the monitor or an earlier podman been killed, the host been restarted. The
 * caller holds the lock, so that no other podman is in the middle of a change.
 */
export async function refreshLocked(engine: Engine, stale: Container): Promise<Container> {
  if (stale.state.needsCleanup && stale.state.bootId !== bootId()) return afterReboot(engine, stale);
  const container = await settleNetwork(engine, stale);
  const { config, state } = container;
  if (!isBelievedAlive(state)) {
    // Something was begun and not ended: its maker was killed.
    return state.needsCleanup ? cleanUpRun(engine, container) : container;
  }
  if (isUnwatched(state)) return cleanUpRun(engine, noteExit(engine, await endUnwatched(engine, container)));
  if (isSameProcess(state.pid, state.pidStartTime)) return state.status === "created" ? refreshCreated(engine, container) : container;
  await awaitExitFile(engine, container);
  const exited = noteExit(engine, container);
  // The monitor, while it lives, starts the clean-up command; only without one is it this process's task.
  return isAlive(state.conmonPid) && existsSync(`${engine.paths.exitsDir}/${config.id}`) ? exited : cleanUpRun(engine, exited);
}

/** Milliseconds that a living monitor is given; on a busy machine it may not get its turn for seconds, one that is stopped never does. */
const MONITOR_PATIENCE = 20_000;

/** The process ended a moment ago and the monitor is still at work: it writes the file before anything else. */
async function awaitExitFile(engine: Pick<Engine, "paths">, { config, state }: Container): Promise<void> {
  const deadline = Date.now() + MONITOR_PATIENCE;
  while (!existsSync(`${engine.paths.exitsDir}/${config.id}`) && isAlive(state.conmonPid) && Date.now() < deadline) await delay(5);
}

/** Records the end of the container's process: code and time out of the monitor's exit file, where there is one. */
export function noteExit(engine: Pick<Engine, "state" | "paths" | "events">, container: Container): Container {
  const { config, state } = container;
  const record = readExitFile(engine.paths.exitsDir, config.id);
  const neverStarted = state.status === "created";
  const exitCode = record?.exitCode ?? (neverStarted ? 0 : UNKNOWN_EXIT);
  const next: ContainerState = {
    ...state,
    status: neverStarted && record === undefined ? "configured" : "exited",
    pid: 0,
    pidStartTime: 0,
    exitCode,
    finishedAt: timestamp(record?.finishedAt),
    oomKilled: existsSync(`${engine.paths.persistDir}/${config.id}/oom`),
  };
  engine.state.transaction(() => {
    engine.state.containers.setState(config.id, next);
    engine.state.exitCodes.set(config.id, exitCode);
  });
  engine.events.write(containerEvent(config, "died", { containerExitCode: exitCode, podId: undefined }));
  return { config, state: next };
}

/** Nothing of the last boot lives: no process, mount or namespace. Files of the run are gone or stale. */
async function afterReboot(engine: Engine, container: Container): Promise<Container> {
  const { config, state } = container;
  const ran = state.status !== "created" && state.status !== "configured";
  const next: ContainerState = {
    ...state,
    status: ran ? "exited" : "configured",
    pid: 0,
    pidStartTime: 0,
    conmonPid: 0,
    restartCount: 0,
    networkChange: undefined,
    health: undefined,
    ...(ran && state.finishedAt === "" ? { finishedAt: timestamp(), exitCode: UNKNOWN_EXIT } : {}),
  };
  engine.state.containers.setState(config.id, next);
  forgetSessionsOf(engine, container);
  return cleanUpRun(engine, { config, state: next });
}

/** Between the runtime's start and its note in the record a podman may have been killed: the runtime knows. */
async function refreshCreated(engine: Engine, container: Container): Promise<Container> {
  const { config, state } = container;
  const actual = await engine.runtime(config.runtime).state(config.id);
  if (actual?.status !== "running") return container;
  const next = { ...state, status: "running" as const, startedAt: timestamp() };
  engine.state.containers.setState(config.id, next);
  return { config, state: next };
}
