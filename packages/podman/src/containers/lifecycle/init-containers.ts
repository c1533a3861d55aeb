import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import type { TargetReport } from "../options.ts";
import { initContainer } from "./init.ts";
import { refreshLocked } from "./refresh.ts";

/** Prepares containers without starting their process: one report each. */
export async function initContainers(engine: Engine, references: readonly string[]): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      const { config } = resolveContainer(engine, reference);
      await withContainerLock(engine, config.id, async (stale) => initContainer(engine, await refreshLocked(engine, stale)));
      reports.push({ reference, id: config.id });
    } catch (error) {
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}
