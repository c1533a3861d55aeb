import { isErrorOfKind } from "@containers/common/errors/tool-error";
import type { Engine } from "../engine/engine.ts";
import { createVolume } from "./create.ts";
import { listPlugin } from "./plugin.ts";
import { removeVolumes } from "./remove.ts";
import { isPluginVolume } from "./volume-path.ts";

export interface ReloadReport {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly errors: readonly Error[];
}

/** Makes records of volumes that plugins have made by themselves, and removes those of volumes that they have no longer. */
export async function reloadVolumes(engine: Engine): Promise<ReloadReport> {
  const added: string[] = [];
  const errors: Error[] = [];
  const known = new Set<string>();
  const answering = new Set<string>();
  const note = (error: unknown): void => void errors.push(error instanceof Error ? error : new Error(String(error)));
  for (const driver of Object.keys(engine.config.engine.volumePlugins)) {
    try {
      for (const { name } of await listPlugin(engine, driver)) {
        known.add(`${driver}/${name}`);
        await createVolume(engine, { name, driver, inPluginAlready: true })
          .then(() => added.push(name))
          .catch((error: unknown) => {
            if (!isErrorOfKind(error, "already-exists")) note(error);
          });
      }
      answering.add(driver);
    } catch (error) {
      note(error);
    }
  }
  // Of a plugin that does not answer nothing is known.
  const gone = engine.state.volumes
    .list()
    .filter((volume) => isPluginVolume(volume) && answering.has(volume.driver) && !known.has(`${volume.driver}/${volume.name}`));
  const reports = await removeVolumes(
    engine,
    gone.map(({ name }) => name),
  );
  for (const { error } of reports) if (error !== undefined) note(error);
  return { added, removed: reports.flatMap(({ error, reference }) => (error === undefined ? [reference] : [])), errors };
}
