import type { Engine } from "../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../locks/with-container-lock.ts";
import type { ContainerConfig } from "./config.ts";
import type { TargetReport } from "./options.ts";

export interface MountedContainer {
  readonly id: string;
  readonly name: string;
  readonly path: string;
}

type Ports = Pick<Engine, "locks" | "state" | "store">;

/** Containers whose root file system is mounted now, those of other tools in the same store last. */
export function mountedContainers(engine: Pick<Engine, "state" | "store">): MountedContainer[] {
  const own = engine.state.containers.list().flatMap(({ id, name }) => {
    const record = engine.store.containers.get(id);
    const path = record === undefined ? undefined : engine.store.layers.mountPoint(record.layer);
    return path === undefined ? [] : [{ id, name, path }];
  });
  const external = engine.store.containers.list().flatMap(({ id, names, layer }) => {
    const path = engine.state.containers.get(id) === undefined ? engine.store.layers.mountPoint(layer) : undefined;
    return path === undefined ? [] : [{ id, name: names[0] ?? "", path }];
  });
  return [...own, ...external];
}

/** A container that another tool (buildah) made in the same store. */
function externalContainer(engine: Ports, reference: string): { readonly id: string; readonly name: string } | undefined {
  if (engine.state.containers.resolve(reference) !== undefined) return undefined;
  const record = engine.store.containers.get(reference);
  return record === undefined ? undefined : { id: record.id, name: record.names[0] ?? "" };
}

/** Mounts a container's root file system on the host; each mount wants an unmount. */
export async function mountContainer(engine: Ports, reference: string): Promise<MountedContainer> {
  const external = externalContainer(engine, reference);
  if (external !== undefined) return { ...external, path: engine.store.containers.mount(external.id) };
  const { config } = resolveContainer(engine, reference);
  const path = await withContainerLock(engine, config.id, () => config.rootfs ?? engine.store.containers.mount(config.id));
  return { id: config.id, name: config.name, path };
}

/** Takes back one mount, or with `force` all of them. The mount that a running container stands on stays. */
export async function unmountContainers(engine: Ports, references: readonly string[], force: boolean): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      const external = externalContainer(engine, reference);
      if (external !== undefined) {
        unmount(engine, external, { force, runs: false });
        reports.push({ reference, ...external });
        continue;
      }
      const { config } = resolveContainer(engine, reference);
      await withContainerLock(engine, config.id, ({ state }) => {
        if (config.rootfs === undefined) unmount(engine, config, { force, runs: state.mountPoint !== undefined });
      });
      reports.push({ reference, id: config.id, name: config.name });
    } catch (error) {
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

function unmount(engine: Ports, { id }: Pick<ContainerConfig, "id">, how: { readonly force: boolean; readonly runs: boolean }): void {
  const record = engine.store.containers.get(id);
  if (record === undefined || engine.store.layers.mountPoint(record.layer) === undefined) return;
  const isGone = engine.store.containers.unmount(id, how.force);
  if (isGone && how.runs) engine.store.containers.mount(id);
}
