import { removeCgroup } from "@containers/common/cgroups/remove-cgroup";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";
import { cgroupsPath } from "../prepare/cgroup-path.ts";
import { isSplit } from "../prepare/split-cgroup.ts";

/**
 * Has the runtime forget the container and what it made for it. Neither of these is an error: that it does not know the container, and that it was killed
 * before it had noted what it made, which leaves a cgroup that nobody but us knows.
 */
export async function deleteFromRuntime(engine: Pick<Engine, "runtime" | "rootless">, config: ContainerConfig): Promise<void> {
  await engine
    .runtime(config.runtime)
    .delete(config.id, true)
    .catch(() => undefined);
  // One that is inside a service goes with that; systemd removes what it made by itself.
  if (isSplit(config)) return;
  const path = cgroupsPath(config, engine.rootless);
  if (path?.startsWith("/") === true) await removeCgroup(path, { kill: true });
}
