import { readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import type { TargetReport } from "../options.ts";
import { refreshLocked } from "./refresh.ts";
import { requireDeed } from "./transitions.ts";

/** Freezes all processes of each container. */
export function pauseContainers(engine: Engine, references: readonly string[]): Promise<TargetReport[]> {
  return change(engine, references, "pause");
}

/** The reverse of {@link pauseContainers}. */
export function unpauseContainers(engine: Engine, references: readonly string[]): Promise<TargetReport[]> {
  return change(engine, references, "unpause");
}

async function change(engine: Engine, references: readonly string[], deed: "pause" | "unpause"): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      const { config } = resolveContainer(engine, reference);
      await withContainerLock(engine, config.id, async (stale) => {
        const container = await refreshLocked(engine, stale);
        requireDeed(deed, container);
        requireFreezer(engine);
        const runtime = engine.runtime(config.runtime);
        await (deed === "pause" ? runtime.pause(config.id) : runtime.resume(config.id));
        const next = { config, state: { ...container.state, status: deed === "pause" ? ("paused" as const) : ("running" as const) } };
        engine.state.containers.setState(config.id, next.state);
        if (config.health !== undefined) await changeChecks(engine, next);
        engine.events.write(containerEvent(config, deed));
      });
      reports.push({ reference, id: config.id, name: config.name });
    } catch (error) {
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

/** On v1 an ordinary user has no control group to freeze; the runtimes would say so in words of their own. */
export function hasFreezer({ rootless }: Pick<Engine, "rootless">): boolean {
  return !rootless || readCgroupLayout().version === 2;
}

function requireFreezer(engine: Pick<Engine, "rootless">): void {
  if (hasFreezer(engine)) return;
  throw new ToolError(
    "unsupported",
    "can not pause containers on rootless containers with cgroup V1: this container does not have a cgroup",
  );
}

/** A frozen container cannot answer: nobody asks it. */
async function changeChecks(engine: Engine, container: Container): Promise<void> {
  const { beginChecks, endChecks } = await import("../health/schedule.ts");
  if (container.state.status === "paused") endChecks(engine, container);
  else beginChecks(engine, container, "resume");
}
