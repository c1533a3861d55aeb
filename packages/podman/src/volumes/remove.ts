import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import type { TargetReport } from "../containers/options.ts";
import type { Engine } from "../engine/engine.ts";
import type { VolumeRecord } from "../state/state.ts";
import { resolveVolume } from "./inspect.ts";
import { listVolumes } from "./list.ts";
import { isPluginVolume, needsMount, volumeLock } from "./volume-path.ts";

export interface RemoveVolumesOptions {
  /** Remove the containers that use it first, and do not mind a missing volume. */
  readonly force?: boolean;
  /** Seconds until SIGKILL for those containers. */
  readonly timeout?: number;
}

/** Removes volumes with what is in them: one report each. */
export async function removeVolumes(
  engine: Engine,
  references: readonly string[],
  options: RemoveVolumesOptions = {},
): Promise<TargetReport[]> {
  finishRemovals(engine.paths.volumesDir);
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      const volume = resolveVolume(engine, reference);
      await freeVolume(engine, volume, options);
      await deleteVolume(engine, volume);
      reports.push({ reference, id: volume.name, name: volume.name });
    } catch (error) {
      if (options.force === true && error instanceof ToolError && error.kind === "not-found") continue;
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

/** The volumes that no container uses, of those that fit. */
export function unusedVolumes(engine: Pick<Engine, "state">, filters: readonly string[] = []): VolumeRecord[] {
  return listVolumes(engine, filters).filter(({ name }) => engine.state.containers.usingVolume(name).length === 0);
}

/** Removes volumes that no container uses; by default anonymous ones and named ones alike, as the original does. */
export async function pruneVolumes(engine: Engine, filters: readonly string[] = []): Promise<TargetReport[]> {
  const unused = unusedVolumes(engine, filters);
  const reports = await removeVolumes(
    engine,
    unused.map(({ name }) => name),
  );
  for (const { reference, error } of reports)
    if (error === undefined) engine.events.write({ type: "volume", status: "prune", name: reference });
  return reports;
}

/** Removes volumes that nobody uses any more; those that are gone are no error. */
export async function deleteVolumes(engine: Engine, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const volume = engine.state.volumes.get(name);
    if (volume !== undefined) await deleteVolume(engine, volume);
  }
}

async function freeVolume(engine: Engine, volume: VolumeRecord, options: RemoveVolumesOptions): Promise<void> {
  const users = engine.state.containers.usingVolume(volume.name);
  if (users.length === 0) return;
  if (options.force !== true) {
    throw new ToolError(
      "in-use",
      `volume ${volume.name} is being used by the following container(s): ${users.join(", ")}: volume is being used`,
      { exitCode: 2 },
    );
  }
  const { removeContainers } = await import("../containers/removal/remove.ts");
  const reports = await removeContainers(engine, users, {
    force: true,
    ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
  });
  const failed = reports.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw failed.error;
}

/** The files are set aside first: a kill in between leaves what the next removal finds. */
async function deleteVolume(engine: Engine, volume: VolumeRecord): Promise<void> {
  const unreachable = isPluginVolume(volume) ? await (await import("./plugin.ts")).whyUnreachable(engine, volume) : undefined;
  if (needsMount(volume) && unreachable === undefined) {
    const { unmountVolume } = await import("./mount.ts");
    await unmountVolume(engine, volume.name, { all: true });
  }
  if (isPluginVolume(volume) && unreachable === undefined) {
    const { removeFromPlugin } = await import("./plugin.ts");
    await removeFromPlugin(engine, volume);
  }
  if (volume.storageId !== undefined) engine.store.containers.remove(volume.storageId);
  const directory = dirname(volume.mountPoint);
  const doomed = directory.startsWith(`${engine.paths.volumesDir}/`) ? setAside(directory) : undefined;
  engine.state.volumes.remove(volume.name);
  if (doomed !== undefined) rmSync(doomed, { recursive: true, force: true });
  engine.locks.forget(volumeLock(volume.name));
  engine.events.write({ type: "volume", status: "remove", name: volume.name });
  if (unreachable === undefined) return;
  // Nobody could ever remove the volume of a plugin that is gone for good.
  const message = `cannot remove volume ${volume.name} from plugin ${volume.driver}, but it has been removed from Podman`;
  throw new ToolError("unavailable", `${message}: ${describeError(unreachable)}`);
}

/** No volume is called so. */
const DOOMED = ".removing-";

/** Gives a directory a name that says what is meant for it; where it cannot be renamed, because it is a mount point, it keeps its own. */
function setAside(directory: string): string {
  const doomed = join(dirname(directory), `${DOOMED}${basename(directory)}`);
  try {
    rmSync(doomed, { recursive: true, force: true });
    renameSync(directory, doomed);
    return doomed;
  } catch {
    return directory;
  }
}

/** Removes the files of volumes whose removal was cut off. */
function finishRemovals(directory: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) {
    if (!name.startsWith(DOOMED)) continue;
    try {
      rmSync(join(directory, name), { recursive: true, force: true });
    } catch {
      // Another command is at it.
    }
  }
}
