import { setTimeout as delay } from "node:timers/promises";
import { SIGKILL } from "@containers/common/sys/signals";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { isSameProcess } from "../../monitor/process-identity.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import type { KillOptions, TargetReport } from "../options.ts";
import { refreshLocked } from "./refresh.ts";
import { signalContainer } from "./signal-container.ts";
import { requireDeed } from "./transitions.ts";

/** Milliseconds. */
const KILL_PATIENCE = 1000;

/** Sends a signal to the first process of each container. */
export async function killContainers(engine: Engine, references: readonly string[], options: KillOptions): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      const { config } = resolveContainer(engine, reference);
      await withContainerLock(engine, config.id, async (stale) => {
        const container = await refreshLocked(engine, stale);
        requireDeed("kill", container);
        // Noted first: the clean-up must find it, and not start the container again.
        engine.state.containers.setState(config.id, { ...container.state, stoppedByUser: true });
        await signalContainer(engine, container, options.signal);
        // What nothing can survive: whoever looks next sees that it is gone.
        if (options.signal === SIGKILL) await waitForEnd(container);
        engine.events.write(containerEvent(config, "kill"));
      });
      reports.push({ reference, id: config.id, name: config.name });
    } catch (error) {
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

async function waitForEnd({ state }: Container): Promise<void> {
  for (let waited = 0; waited < KILL_PATIENCE && isSameProcess(state.pid, state.pidStartTime); waited += 2) await delay(2);
}
