import { setTimeout as delay } from "node:timers/promises";
import { SIGKILL } from "@containers/common/sys/signals";
import type { Engine } from "../../engine/engine.ts";
import { isSameProcess, isWatched } from "../../monitor/process-identity.ts";
import type { Container } from "../config.ts";
import type { ContainerState } from "../state.ts";
import { signalContainer } from "./signal-container.ts";

/** Milliseconds. */
const KILL_PATIENCE = 10_000;

/** What is said of a container that was ended here. */
const REASON = "the monitor was killed, and the container with it";

/**
 * Whether the container's process goes on although its monitor was killed: nobody takes its output, notes its exit code, cleans up after it or starts it again.
 */
export function isUnwatched(state: Pick<ContainerState, "status" | "pid" | "pidStartTime" | "conmonPid">): boolean {
  const { pid, pidStartTime } = state;
  // Looked at again: both may have ended between the first look and the second, as they should, one after the other.
  return isSameProcess(pid, pidStartTime) && !isWatched(state) && isSameProcess(pid, pidStartTime);
}

/** Ends what nobody watches; the record is still to be made true. The caller holds the lock. */
export async function endUnwatched(engine: Pick<Engine, "sys" | "runtime">, container: Container): Promise<Container> {
  const { config, state } = container;
  await signalContainer(engine, container, SIGKILL);
  // Frozen processes die only when they go on.
  if (state.status === "paused")
    await engine
      .runtime(config.runtime)
      .resume(config.id)
      .catch(() => undefined);
  for (let waited = 0; waited < KILL_PATIENCE && isSameProcess(state.pid, state.pidStartTime); waited += 2) await delay(2);
  return { config, state: { ...state, error: REASON } };
}
