import { ToolError } from "@containers/common/errors/tool-error";
import { pausePid } from "@containers/common/rootless/pause-process";
import { ensureRuntimeDir } from "@containers/common/rootless/runtime-dir";
import { SIGKILL } from "@containers/common/sys/signals";
import { stopContainers } from "../containers/lifecycle/stop.ts";
import type { Engine } from "../engine/engine.ts";

/**
 * Brings containers to what this podman and the configuration say now: another OCI runtime, and for an ordinary user new namespaces, made
 * from the subordinate ids as they are now; for that the containers are stopped.
 * @throws invalid-argument for a runtime that there is not
 */
export async function migrateSystem(engine: Engine, options: { readonly newRuntime?: string } = {}): Promise<void> {
  const { newRuntime } = options;
  if (newRuntime !== undefined) requireRuntime(engine, newRuntime);
  const containers = engine.state.containers.list().filter(({ status }) => status !== "creating");
  if (engine.rootless) {
    const alive = containers.filter(({ status }) => ["running", "paused", "created", "stopping"].includes(status)).map(({ id }) => id);
    for (const { error } of await stopContainers(engine, alive)) if (error !== undefined) throw error;
  }
  if (newRuntime !== undefined) {
    for (const { id } of containers) {
      const container = engine.state.containers.get(id);
      if (container !== undefined) engine.state.containers.setConfig(id, { ...container.config, runtime: newRuntime });
    }
  }
  const pause = engine.rootless ? pausePid(ensureRuntimeDir()) : undefined;
  if (pause !== undefined) engine.sys.kill(pause, SIGKILL);
}

function requireRuntime(engine: Engine, name: string): void {
  try {
    engine.runtime(name);
  } catch (cause) {
    throw new ToolError(
      "invalid-argument",
      `change to runtime ${JSON.stringify(name)} requested but no such runtime is defined: invalid argument`,
      {
        cause: undefined,
        hint: cause instanceof ToolError ? cause.hint : undefined,
      },
    );
  }
}
