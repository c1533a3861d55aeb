import { readFileSync, rmSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { withContainerLock } from "../../locks/with-container-lock.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { cleanUpRun } from "../lifecycle/clean-up-run.ts";
import { fulfilLease, takeLease } from "../lifecycle/exit-lease.ts";
import { refreshLocked } from "../lifecycle/refresh.ts";
import { stopLocked } from "../lifecycle/stop.ts";
import { requireDeed } from "../lifecycle/transitions.ts";
import type { RemoveOptions, TargetReport } from "../options.ts";

/** Removes containers; with `force` also running ones. One report per target, so that one bad name never hides the rest. */
export async function removeContainers(
  engine: Engine,
  references: readonly string[],
  options: RemoveOptions = {},
): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of dependentsFirst(engine, references)) {
    try {
      reports.push(...(await removeOne(engine, reference, options)));
    } catch (error) {
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

/** Of those that are to go, the ones that use another one's namespaces before that one. */
function dependentsFirst(engine: Pick<Engine, "state">, references: readonly string[]): readonly string[] {
  if (references.length < 2) return references;
  const byId = new Map(references.map((reference) => [engine.state.containers.resolve(reference)?.config.id ?? reference, reference]));
  const ordered = new Set<string>();
  const visit = (id: string): void => {
    const reference = byId.get(id);
    if (reference === undefined || ordered.has(reference)) return;
    for (const dependent of engine.state.containers.dependents(id)) visit(dependent);
    ordered.add(reference);
  };
  for (const id of byId.keys()) visit(id);
  return [...ordered];
}

async function removeOne(engine: Engine, reference: string, options: RemoveOptions): Promise<TargetReport[]> {
  const found = engine.state.containers.resolve(reference);
  if (found === undefined) {
    const external = (await import("./remove-external.ts")).removeExternal(engine, reference, options);
    if (external !== undefined) return [{ reference, id: external }];
    if (options.ignore === true || options.force === true) return [];
    throw new ToolError("not-found", `no container with ID or name "${reference}" found: no such container`, {
      code: "no-such-container",
      exitCode: 1,
    });
  }
  const { id, name, isInfra, podId } = found.config;
  if (isInfra && options.ofPod !== true) {
    throw new ToolError("in-use", `container ${id} is the infra container of pod ${podId} and cannot be removed without removing the pod`, {
      exitCode: 125,
    });
  }
  if (found.config.service !== undefined && options.ofPod !== true) requireNoPods(engine, id);
  const removedFirst: TargetReport[] = [];
  const dependents = engine.state.containers.dependents(id);
  if (dependents.length > 0) {
    if (options.depend !== true) {
      throw new ToolError(
        "in-use",
        `container ${id} has dependent containers which must be removed before it: ${dependents.join(", ")}: container already exists`,
      );
    }
    for (const dependent of dependents) removedFirst.push(...(await removeOne(engine, dependent, options)));
  }
  try {
    await withContainerLock(engine, id, async (stale) => {
      const container = await refreshLocked(engine, stale);
      const lease = takeLease(engine, container.state);
      try {
        await removeLocked(engine, await endFirst(engine, container, options), options);
      } finally {
        lease?.release();
      }
    });
  } catch (error) {
    // `--rm` and this command may meet: gone is what was wanted.
    if (engine.state.containers.get(id) !== undefined) throw error;
  }
  return [...removedFirst, { reference, id, name }];
}

/** A service container goes with the last of its pods. */
function requireNoPods({ state }: Pick<Engine, "state">, id: string): void {
  const pods = state.pods.list().filter(({ serviceContainerId }) => serviceContainerId === id);
  if (pods.length === 0) return;
  const names = pods.map((pod) => pod.id).join(",");
  throw new ToolError(
    "in-use",
    `container ${id} is the service container of pod(s) ${names} and cannot be removed without removing the pod(s)`,
    {
      exitCode: 125,
    },
  );
}

async function endFirst(engine: Engine, container: Container, options: RemoveOptions): Promise<Container> {
  const { status } = container.state;
  if (status !== "running" && status !== "paused" && status !== "stopping") return container;
  if (options.force !== true) {
    const shown = status === "stopping" ? "running" : status;
    throw new ToolError(
      "invalid-state",
      `cannot remove container ${container.config.id} as it is ${shown} - running or paused containers cannot be removed without force: container state improper`,
      { code: "cannot-remove", exitCode: 2 },
    );
  }
  return stopLocked(engine, container, { timeout: options.timeout ?? container.config.stopTimeout });
}

/**
 * Removes a container that does not run. The record goes last: a kill in between leaves one that is shown as `removing` and can be removed
 * again. The caller holds the lock.
 */
export async function removeLocked(engine: Engine, container: Container, options: Pick<RemoveOptions, "volumes" | "force">): Promise<void> {
  requireDeed("remove", container);
  const clean = await cleanUpRun(engine, container);
  const { config, state } = clean;
  engine.debug(() => `Removing container ${config.id}`);
  engine.state.containers.setState(config.id, { ...state, status: "removing" });
  engine.store.containers.remove(config.id);
  const exitFile = `${engine.paths.exitsDir}/${config.id}`;
  // The second of a monitor that was killed while it wrote the first.
  for (const path of [config.runDir, `${engine.paths.persistDir}/${config.id}`, exitFile, `${exitFile}.tmp`]) {
    rmSync(path, { recursive: true, force: true });
  }
  removeIdFile(config);
  if (config.health !== undefined) (await import("../health/status.ts")).removeHealthLog(config);
  const orphans = options.volumes === true ? anonymousVolumes(engine, clean) : [];
  engine.state.containers.remove(config.id);
  if (orphans.length > 0) await (await import("../../volumes/remove.ts")).deleteVolumes(engine, orphans);
  engine.locks.forget(config.id);
  fulfilLease(engine, container.state);
  engine.events.write(containerEvent(config, "remove", state.startedAt === "" ? {} : { containerExitCode: state.exitCode }));
}

/** The file of `--cidfile`, as long as it tells of this container. */
function removeIdFile({ id, cidfile }: Container["config"]): void {
  if (!cidfile.startsWith("/")) return;
  try {
    if (readFileSync(cidfile, "utf8").trim() === id) rmSync(cidfile);
  } catch {
    // Gone already, or out of this user's reach: it was for the user, who may have taken it away.
  }
}

/** The container's nameless volumes that no other container uses. */
function anonymousVolumes(engine: Pick<Engine, "state">, { config }: Container): string[] {
  return config.mounts.flatMap((mount) => {
    if (mount.type !== "volume" || !mount.anonymous) return [];
    return engine.state.containers.usingVolume(mount.name).every((id) => id === config.id) ? [mount.name] : [];
  });
}
