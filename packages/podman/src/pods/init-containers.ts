import { ToolError } from "@containers/common/errors/tool-error";
import { startContainers } from "../containers/lifecycle/start.ts";
import { waitContainers } from "../containers/lifecycle/wait.ts";
import type { ContainerListing } from "../containers/options.ts";
import { removeContainers } from "../containers/removal/remove.ts";
import type { Engine } from "../engine/engine.ts";

/** Whether a container of a pod is one that prepares the ground for the others. */
export function isInitContainer(engine: Pick<Engine, "state">, id: string): boolean {
  return engine.state.containers.get(id)?.config.initContainer !== undefined;
}

/** The statuses that make up the pod's: init containers have ended when all is well. */
export function countedStatuses(engine: Pick<Engine, "state">, members: readonly Pick<ContainerListing, "id" | "shownStatus">[]): string[] {
  return members
    .filter(({ id, shownStatus }) => shownStatus === "running" || !isInitContainer(engine, id))
    .map(({ shownStatus }) => shownStatus);
}

/**
 * Runs a pod's init containers one after the other, in the order in which they were made. One that is for once is removed then.
 * @throws invalid-state when one fails: the pod is not to be started
 */
export async function runInitContainers(engine: Engine, members: readonly Pick<ContainerListing, "id">[]): Promise<void> {
  for (const { id } of members) {
    const config = engine.state.containers.get(id)?.config;
    if (config?.initContainer === undefined) continue;
    const [started] = await startContainers(engine, [id]);
    if (started?.error !== undefined) throw started.error;
    const [ended] = await waitContainers(engine, [id]);
    if (ended?.error !== undefined) throw ended.error;
    if (ended?.exitCode !== 0)
      throw new ToolError("invalid-state", `init container ${id} exited with code ${ended?.exitCode}`, { exitCode: 125 });
    if (config.initContainer === "once") await removeOnce(engine, id);
  }
}

async function removeOnce(engine: Engine, id: string): Promise<void> {
  const [removed] = await removeContainers(engine, [id], { ofPod: true });
  if (removed?.error !== undefined)
    throw new ToolError("invalid-state", `failed to remove once init container ${id}: ${removed.error.message}`, { cause: removed.error });
}
