import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { containerEvent } from "../container-event.ts";
import type { StopOptions, TargetReport } from "../options.ts";
import { startLocked } from "./start.ts";
import { stopContainers } from "./stop.ts";

/** Stops and starts each container; one that does not run is started. */
export async function restartContainers(engine: Engine, references: readonly string[], options: StopOptions = {}): Promise<TargetReport[]> {
  return Promise.all(references.map((reference) => restartOne(engine, reference, options)));
}

async function restartOne(engine: Engine, reference: string, options: StopOptions): Promise<TargetReport> {
  try {
    const { config } = resolveContainer(engine, reference);
    engine.events.write(containerEvent(config, "restart"));
    const [stopped] = await stopContainers(engine, [config.id], { ...options, partOfRestart: true });
    if (stopped?.error !== undefined) throw stopped.error;
    await withContainerLock(engine, config.id, (container) => startLocked(engine, container));
    return { reference, id: config.id, name: config.name };
  } catch (error) {
    return { reference, error: error instanceof Error ? error : new Error(String(error)) };
  }
}
