import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { notifyStarted, notifyWhenHealthy } from "../../systemd/notify.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import type { TargetReport } from "../options.ts";
import { timestamp } from "../timestamp.ts";
import { type InitOptions, initContainer } from "./init.ts";
import { refreshLocked } from "./refresh.ts";
import { requireDeed } from "./transitions.ts";

/** Starts containers that do not run; one that runs already is no error. One report per target. What cannot be started and has `--rm` goes. */
export async function startContainers(engine: Engine, references: readonly string[]): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    let config: ContainerConfig | undefined;
    try {
      config = resolveContainer(engine, reference).config;
      await withContainerLock(engine, config.id, (container) => startLocked(engine, container));
      await notifyWhenHealthy(engine, config);
      reports.push({ reference, id: config.id, name: config.name });
    } catch (error) {
      if (config?.autoRemove === true) await removeUnstarted(engine, config.id);
      reports.push({ reference, id: config?.id, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

/** Removes a container with `--rm` that could not be started, unless it runs all the same. */
async function removeUnstarted(engine: Engine, id: string): Promise<void> {
  const status = engine.state.containers.get(id)?.state.status;
  if (status === undefined || status === "running" || status === "paused") return;
  const { removeContainers } = await import("../removal/remove.ts");
  await removeContainers(engine, [id], { force: true, volumes: true, ignore: true, timeout: 0 });
}

/** Brings a container to `running`, making it ready first when it is not. The caller holds the lock. */
export async function startLocked(engine: Engine, stale: Container, options: InitOptions = {}): Promise<Container> {
  const container = await refreshLocked(engine, stale);
  if (container.state.status === "running") return container;
  requireDeed("start", container);
  await startDependencies(engine, container);
  const ready = container.state.status === "created" ? container : await initContainer(engine, container, options);
  return startReady(engine, ready);
}

/** Lets the process of a container that is `created` go. The caller holds the lock. */
export async function startReady(engine: Engine, container: Container): Promise<Container> {
  const { config } = container;
  engine.debug(() => `Starting container ${config.id} with command [${config.process.join(" ")}]`);
  await engine.runtime(config.runtime).start(config.id, container.state.pid);
  engine.debug(() => `Started container ${config.id}`);
  const state = { ...container.state, status: "running" as const, startedAt: timestamp() };
  engine.state.containers.setState(config.id, state);
  engine.events.write(containerEvent(config, "start"));
  notifyStarted(engine, { config, state });
  if (config.health === undefined) return { config, state };
  return (await import("../health/schedule.ts")).beginChecks(engine, { config, state });
}

/** Starts the containers whose namespaces this one shares, or that it was told to wait for. */
export async function startDependencies(engine: Engine, container: Container): Promise<void> {
  for (const id of container.config.dependencies) {
    await withContainerLock(engine, id, (dependency) => startLocked(engine, dependency));
  }
}
