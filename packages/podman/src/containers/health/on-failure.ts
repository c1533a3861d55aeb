import { setTimeout as delay } from "node:timers/promises";
import { SIGKILL } from "@containers/common/sys/signals";
import type { Engine } from "../../engine/engine.ts";
import { withContainerLock } from "../../locks/with-container-lock.ts";
import type { ContainerConfig } from "../config.ts";
import { restart } from "../lifecycle/cleanup.ts";
import { killContainers } from "../lifecycle/kill.ts";
import { stopContainers } from "../lifecycle/stop.ts";
import type { StopOptions } from "../options.ts";

/** How long the monitor's clean-up may take, in milliseconds. */
const CLEANUP_PATIENCE = 10_000;

/** Does with a container that has become unhealthy what its configuration says. Returns when that is done. The caller holds no lock. */
export async function actOnFailure(engine: Engine, { id }: ContainerConfig): Promise<void> {
  const config = engine.state.containers.get(id)?.config;
  switch (config?.health?.onFailure) {
    case "kill":
      await kill(engine, id);
      break;
    case "stop":
      await stop(engine, id);
      break;
    case "restart":
      await stop(engine, id, { forRestart: true, partOfRestart: true });
      await restartIfWanted(engine, id);
      break;
    default:
  }
}

async function stop(engine: Engine, id: string, options: StopOptions = {}): Promise<void> {
  const [report] = await stopContainers(engine, [id], options);
  if (report?.error !== undefined && engine.state.containers.get(id) !== undefined) throw report.error;
}

/** Unless the user has stopped it too, or the monitor's clean-up was faster. */
async function restartIfWanted(engine: Engine, id: string): Promise<void> {
  if (engine.state.containers.get(id) === undefined) return;
  await withContainerLock(engine, id, async (container) => {
    if (container.state.status === "exited" && container.state.health?.restartWanted === true) await restart(engine, container);
  });
}

/** The monitor's command cleans up: until then the container would be shown as running. */
async function kill(engine: Engine, id: string): Promise<void> {
  const [report] = await killContainers(engine, [id], { signal: SIGKILL });
  if (report?.error !== undefined && engine.state.containers.get(id) !== undefined) throw report.error;
  const deadline = Date.now() + CLEANUP_PATIENCE;
  for (let pause = 2; Date.now() < deadline; pause = Math.min(pause * 2, 50)) {
    const state = engine.state.containers.get(id)?.state;
    if (state === undefined || (state.status === "exited" && !state.needsCleanup)) return;
    await delay(pause);
  }
}
