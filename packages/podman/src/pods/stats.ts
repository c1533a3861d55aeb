import { ToolError } from "@containers/common/errors/tool-error";
import { type ContainerStats, containerStats } from "../containers/stats/stats.ts";
import type { Engine } from "../engine/engine.ts";
import type { PodRecord } from "./pod-record.ts";

export interface PodContainerStats {
  readonly pod: PodRecord;
  readonly stats: ContainerStats;
}

/** A container that has ended is left out, one that was never started is shown with nothing used. */
const SHOWN = ["configured", "created", "running", "paused"] as const;

/** Measures the containers of pods; `previous` are the last measurements by container id, which CPU percentages are counted from. */
export function podStats(
  engine: Pick<Engine, "state">,
  pods: readonly PodRecord[],
  previous: ReadonlyMap<string, ContainerStats> = new Map(),
): PodContainerStats[] {
  return pods.flatMap((pod) =>
    engine.state.containers.list({ podId: pod.id, statuses: SHOWN }).flatMap(({ id }) => {
      const stats = measure(engine, id, previous.get(id));
      return stats === undefined ? [] : [{ pod, stats }];
    }),
  );
}

/** Undefined for one that cannot be measured, or has gone meanwhile: the others are still worth showing. */
function measure(engine: Pick<Engine, "state">, id: string, previous: ContainerStats | undefined): ContainerStats | undefined {
  const container = engine.state.containers.get(id);
  try {
    return container === undefined ? undefined : containerStats(engine, container, previous);
  } catch (error) {
    if (error instanceof ToolError && error.code === "no-cgroup") return undefined;
    throw error;
  }
}
