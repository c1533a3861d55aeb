import type { Engine } from "../../engine/engine.ts";
import { withContainerLock } from "../../locks/with-container-lock.ts";
import { readExitFile } from "../../monitor/exit-file.ts";
import { isSameProcess, isWatched } from "../../monitor/process-identity.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { cleanUpExec } from "../exec/exec-cleanup.ts";
import type { CleanupOptions } from "../options.ts";
import { removeLocked } from "../removal/remove.ts";
import { cleanUpRun } from "./clean-up-run.ts";
import { fulfilLease } from "./exit-lease.ts";
import { noteExit, refreshLocked } from "./refresh.ts";
import { startLocked } from "./start.ts";
import { may } from "./transitions.ts";

/**
 * What the monitor starts when a container has ended: record the end, undo the run, and then restart or remove it as its policy says.
 * A container that is gone is no error: whoever waited for its end may have done all this already.
 */
export async function cleanupContainer(engine: Engine, reference: string, options: CleanupOptions = {}): Promise<void> {
  if (options.exec !== undefined) return cleanUpExec(engine, options.exec);
  const found = engine.state.containers.resolve(reference);
  if (found === undefined) return;
  try {
    await withContainerLock(engine, found.config.id, (container) => cleanupLocked(engine, container, options));
    if (options.removeImage === true) await (await import("../removal/remove-own-image.ts")).removeOwnImage(engine, found.config);
  } catch (error) {
    if (engine.state.containers.get(found.config.id) === undefined) return;
    throw error;
  }
  await afterEndInPod(engine, found.config);
}

/** The pod of a container that has ended may have to end too. The caller holds no lock. */
export async function afterEndInPod(engine: Engine, config: ContainerConfig): Promise<void> {
  if (config.podId === "") return;
  const { applyExitPolicy } = await import("../../pods/exit-policy.ts");
  await applyExitPolicy(engine, config);
}

/** The same for a caller that holds the lock. Returns the container as it is then; undefined when it was removed. */
export async function cleanupLocked(engine: Engine, container: Container, options: CleanupOptions): Promise<Container | undefined> {
  const after = await endRun(engine, container, options);
  if (
    after === undefined ||
    !["created", "running", "paused", "stopping"].includes(after.state.status) ||
    after.state.exitLease !== container.state.exitLease
  ) {
    fulfilLease(engine, container.state);
  }
  return after;
}

async function endRun(engine: Engine, container: Container, options: CleanupOptions): Promise<Container | undefined> {
  const ended = await noteEnd(engine, container);
  if (!may("cleanup", ended.state.status) || isBeingStopped(ended)) return ended;
  const again = options.noRestart !== true && shouldRestart(ended);
  const clean = await cleanUpRun(engine, ended, { quiet: again || options.partOfRestart === true });
  if (again) return restart(engine, clean);
  if (options.remove === true || clean.config.autoRemove) {
    await removeLocked(engine, clean, { volumes: true });
    if (clean.config.autoRemoveImage === true) await (await import("../removal/remove-own-image.ts")).removeOwnImage(engine, clean.config);
    return undefined;
  }
  return clean;
}

/** Another command has sent the signal and waits: the run that is to be cleaned up after was an earlier one. */
function isBeingStopped({ state }: Container): boolean {
  return state.status === "stopping" && isSameProcess(state.pid, state.pidStartTime);
}

async function noteEnd(engine: Engine, container: Container): Promise<Container> {
  const { state, config } = container;
  const believedAlive = ["created", "running", "paused", "stopping"].includes(state.status);
  if (!believedAlive) return container;
  // The exit file is the monitor's word that the process has ended, even while a zombie of it is still to be seen.
  if (readExitFile(engine.paths.exitsDir, config.id) !== undefined) return noteExit(engine, container);
  return isSameProcess(state.pid, state.pidStartTime) && isWatched(state) ? container : refreshLocked(engine, container);
}

/**
 * As the policy says, but never after the user stopped it or a checkpoint did, nor a container that was not started; and one that was stopped
 * for being unhealthy.
 */
export function shouldRestart({ config, state }: Container): boolean {
  if (state.health?.restartWanted === true) return true;
  if (
    state.stoppedByUser ||
    state.stoppedByService === true ||
    state.checkpointedAt !== undefined ||
    state.status !== "exited" ||
    state.startedAt === ""
  )
    return false;
  switch (config.restart.name) {
    case "always":
    case "unless-stopped":
      return true;
    case "on-failure":
      return state.exitCode !== 0 && (!config.restart.retries || state.restartCount < config.restart.retries);
    default:
      return false;
  }
}

/** Starts a container that has ended once more, and counts it. The caller holds the lock. */
export async function restart(engine: Engine, { config, state }: Container): Promise<Container> {
  engine.events.write(containerEvent(config, "restart"));
  engine.debug(() => `Restarting container ${config.id} due to restart policy ${config.restart.name}`);
  const counted = { ...state, restartCount: state.restartCount + 1 };
  engine.state.containers.setState(config.id, counted);
  return startLocked(engine, { config, state: counted }, { again: true });
}
