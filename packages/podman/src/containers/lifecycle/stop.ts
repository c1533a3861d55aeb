import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import { SIGKILL, signalName } from "@containers/common/sys/signals";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { isSameProcess } from "../../monitor/process-identity.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import type { StopOptions, TargetReport } from "../options.ts";
import { INITIAL_STATE } from "../state.ts";
import { afterEndInPod, cleanupLocked } from "./cleanup.ts";
import { takeLease } from "./exit-lease.ts";
import { refreshLocked, UNKNOWN_EXIT } from "./refresh.ts";
import { signalContainer } from "./signal-container.ts";
import { isUnwatched } from "./unwatched.ts";

/** How long a process may take to go after SIGKILL, in milliseconds. */
const KILL_PATIENCE = 10_000;

/** Stops containers side by side: the stop signal, then SIGKILL. One that does not run is no error. */
export async function stopContainers(engine: Engine, references: readonly string[], options: StopOptions = {}): Promise<TargetReport[]> {
  return Promise.all(references.map((reference) => stopOne(engine, reference, options)));
}

async function stopOne(engine: Engine, reference: string, options: StopOptions): Promise<TargetReport> {
  try {
    if (options.ignore === true && engine.state.containers.resolve(reference) === undefined) return { reference };
    const { config } = resolveContainer(engine, reference);
    const target = { reference, id: config.id, name: config.name };
    // Taken before the signal: the monitor then waits with its clean-up command for this podman, which does the clean-up itself.
    const lease = takeLease(engine, engine.state.containers.get(config.id)?.state ?? INITIAL_STATE);
    try {
      await stopUnderLease(engine, config, options);
    } finally {
      lease?.release();
    }
    if (options.ofPod !== true) await afterEndInPod(engine, config);
    return target;
  } catch (error) {
    return { reference, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

async function stopUnderLease(engine: Engine, config: ContainerConfig, options: StopOptions): Promise<void> {
  const timeoutSeconds = options.timeout ?? config.stopTimeout;
  const stopping = await withContainerLock(engine, config.id, (container) => beginStop(engine, container, options));
  if (stopping === undefined) return;
  const forced = await awaitEnd(engine, stopping, timeoutSeconds);
  if (forced) engine.warn(forcedMessage(stopping, timeoutSeconds));
  if (options.partOfRestart !== true) engine.events.write(containerEvent(config, "stop"));
  await finishStop(engine, config.id, options);
  if (engine.state.containers.get(config.id)?.state.exitCode === UNKNOWN_EXIT) throw monitorKilled(config);
}

/** Only the monitor learns how a process ended. */
function monitorKilled({ id }: ContainerConfig): ToolError {
  return new ToolError(
    "invalid-state",
    `container ${id} conmon exited prematurely, exit code could not be retrieved: conmon process killed`,
    { exitCode: 125 },
  );
}

/** Sends the stop signal and notes it, so that the lock need not be held while the container takes its time. Undefined: it does not run. */
async function beginStop(engine: Engine, stale: Container, options: StopOptions = {}): Promise<Container | undefined> {
  const unwatched = isUnwatched(stale.state);
  const container = await refreshLocked(engine, stale);
  const { config, state } = container;
  if (unwatched && options.partOfRestart !== true) {
    engine.state.containers.setState(config.id, { ...state, stoppedByUser: true });
    throw monitorKilled(config);
  }
  const health = state.health === undefined ? undefined : { ...state.health, restartWanted: options.forRestart };
  const by = options.service === true ? { stoppedByService: true } : { stoppedByUser: true };
  const noted = { ...state, ...by, health };
  if (state.status === "created") {
    await engine.runtime(config.runtime).delete(config.id, true);
    const ended = { config, state: { ...noted, status: "exited" as const } };
    engine.state.containers.setState(config.id, ended.state);
    await cleanupLocked(engine, ended, {});
    return undefined;
  }
  if (!["running", "paused", "stopping"].includes(state.status)) {
    engine.state.containers.setState(config.id, noted);
    return undefined;
  }
  const stopping = { config, state: { ...noted, status: "stopping" as const } };
  engine.state.containers.setState(config.id, stopping.state);
  await signalContainer(engine, stopping, config.stopSignal);
  if (state.status === "paused") await engine.runtime(config.runtime).resume(config.id);
  return stopping;
}

/** Waits for the end, and forces it after the time-out; true when it had to. */
async function awaitEnd(engine: Engine, { config, state }: Container, timeoutSeconds: number): Promise<boolean> {
  const ended = (): boolean => !isSameProcess(state.pid, state.pidStartTime);
  if (timeoutSeconds !== 0 && (await waitUntil(ended, timeoutSeconds < 0 ? Number.POSITIVE_INFINITY : timeoutSeconds * 1000))) return false;
  await signalContainer(engine, { config, state }, SIGKILL);
  await waitUntil(ended, KILL_PATIENCE);
  return timeoutSeconds !== 0;
}

async function waitUntil(condition: () => boolean, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  for (let pause = 1; !condition(); pause = Math.min(pause * 2, 25)) {
    if (Date.now() >= deadline) return false;
    await delay(pause);
  }
  return true;
}

/** Does the clean-up here and now, so that the container is stopped for good when the command returns. */
async function finishStop(engine: Engine, id: string, { partOfRestart }: StopOptions): Promise<void> {
  if (engine.state.containers.get(id) === undefined) return;
  try {
    await withContainerLock(engine, id, async (container) => {
      const current = await refreshLocked(engine, container);
      await cleanupLocked(engine, current, { noRestart: true, partOfRestart });
    });
  } catch (error) {
    // The monitor's clean-up of a --rm container was faster.
    if (engine.state.containers.get(id) !== undefined) throw error;
  }
}

/** Ends a running container for a caller that holds the lock and means to remove it; returns the stopped container. */
export async function stopLocked(engine: Engine, container: Container, options: { readonly timeout: number }): Promise<Container> {
  const stopping = await beginStop(engine, container);
  if (stopping !== undefined && (await awaitEnd(engine, stopping, options.timeout))) engine.warn(forcedMessage(stopping, options.timeout));
  const current = engine.state.containers.get(container.config.id) ?? container;
  return refreshLocked(engine, current);
}

function forcedMessage({ config }: Container, seconds: number): string {
  return `StopSignal ${signalName(config.stopSignal)} failed to stop container ${config.name} in ${seconds} seconds, resorting to SIGKILL`;
}
