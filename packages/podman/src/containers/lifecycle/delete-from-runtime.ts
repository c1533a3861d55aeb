import { basename } from "node:path";
import { removeCgroup } from "@containers/common/cgroups/remove-cgroup";
import type { OciRuntime } from "@containers/common/oci-runtime/runtime";
import { findProcesses, signalQuietly } from "@containers/common/process/find-processes";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";
import { cgroupsPath } from "../prepare/cgroup-path.ts";
import { isSplit } from "../prepare/split-cgroup.ts";

/**
 * Ends what a runtime that was killed in the middle of making a container leaves: a child of the same command line, which waits for its parent for ever
 * and, where an ordinary user has no cgroups, is found by nothing else.
 */
function endCreation(runtime: Pick<OciRuntime, "path">, id: string): void {
  const program = basename(runtime.path);
  const left = findProcesses((argv) => basename(argv[0] ?? "") === program && argv.includes("create") && argv.includes(id));
  signalQuietly(left, "SIGKILL");
}

/**
 * Has the runtime forget the container and what it made for it. Neither of these is an error: that it does not know the container, and that it was killed
 * before it had noted what it made, which leaves a cgroup that nobody but us knows. `unfinished`: it is not known that the container was made to the end.
 */
export async function deleteFromRuntime(
  engine: Pick<Engine, "runtime" | "rootless">,
  config: ContainerConfig,
  options: { readonly unfinished: boolean },
): Promise<void> {
  const runtime = engine.runtime(config.runtime);
  if (options.unfinished) endCreation(runtime, config.id);
  await runtime.delete(config.id, true).catch(() => undefined);
  // One that is inside a service goes with that; systemd removes what it made by itself.
  if (isSplit(config)) return;
  const path = cgroupsPath(config, engine.rootless);
  if (path?.startsWith("/") === true) await removeCgroup(path, { kill: true });
}
