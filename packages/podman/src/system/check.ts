import type { StoreCheck, StoreCheckOptions } from "@containers/storage/store";
import type { ContainerConfig } from "../containers/config.ts";
import { storageRecord } from "../containers/creation/storage-record.ts";
import type { Engine } from "../engine/engine.ts";

export interface SystemCheckOptions extends StoreCheckOptions {
  /** Remove damaged images and layers. */
  readonly repair?: boolean;
  /** Remove damaged containers too. */
  readonly force?: boolean;
}

export interface SystemCheckReport {
  readonly check: StoreCheck;
  /** What was made of damaged record files, a sentence each. */
  readonly salvaged?: readonly string[];
  /** What the repair removed; images by id with their names. */
  readonly removedImages: readonly string[];
  readonly removedContainers: readonly string[];
  readonly errors: readonly Error[];
}

/** Looks for damage in the store and, when asked, removes what is damaged. */
export async function checkSystem(
  engine: Pick<Engine, "store" | "state" | "locks">,
  options: SystemCheckOptions,
): Promise<SystemCheckReport> {
  const { store } = engine;
  const repairing = options.repair === true || options.force === true;
  const salvaged = repairing ? [...(await store.salvage()), ...(await recoverContainers(engine))] : [];
  const check = withLostContainers(engine, await store.check(options));
  if (!isDamaged(check) || !repairing) return { check, salvaged, removedImages: [], removedContainers: [], errors: [] };
  const imagesBefore = store.images.list().map(({ id }) => id);
  const errors = [...(await store.repair(check, { containers: options.force === true }))];
  const imagesAfter = new Set(store.images.list().map(({ id }) => id));
  return {
    check,
    salvaged,
    removedImages: imagesBefore.filter((id) => !imagesAfter.has(id)),
    removedContainers: options.force === true ? forgetContainers(engine, Object.keys(check.containers)) : [],
    errors,
  };
}

export function isDamaged({ layers, images, containers }: StoreCheck): boolean {
  return [layers, images, containers].some((damages) => Object.keys(damages).length > 0);
}

/** Containers that the store knows nothing of any more: a restored or damaged disk. */
function lostContainers({ state, store }: Pick<Engine, "store" | "state">): readonly ContainerConfig[] {
  const known = new Set(store.containers.list().map(({ id }) => id));
  const lost = state.containers.list().filter(({ id, status }) => status !== "creating" && !known.has(id));
  const configs = lost.flatMap(({ id }) => state.containers.get(id)?.config ?? []);
  return configs.filter(({ rootfs }) => rootfs === undefined);
}

/** Their records come again where their layers are still there. */
async function recoverContainers(engine: Pick<Engine, "store" | "state">): Promise<readonly string[]> {
  const recovered: string[] = [];
  for (const config of lostContainers(engine)) {
    if (await engine.store.recoverContainer(storageRecord(config))) recovered.push(`container ${config.id} was recovered`);
  }
  return recovered;
}

function withLostContainers(engine: Pick<Engine, "store" | "state">, check: StoreCheck): StoreCheck {
  const lost = lostContainers(engine);
  if (lost.length === 0) return check;
  const damages = lost.map(({ id }) => [id, [`container ${id}: not in the store`]] as const);
  return { ...check, containers: { ...check.containers, ...Object.fromEntries(damages) } };
}

/** Containers whose files are gone are containers no longer. */
function forgetContainers(engine: Pick<Engine, "store" | "state" | "locks">, ids: readonly string[]): string[] {
  const gone = ids.filter((id) => engine.store.containers.get(id) === undefined);
  for (const id of gone) {
    engine.state.containers.remove(id);
    engine.locks.forget(id);
  }
  return gone;
}
