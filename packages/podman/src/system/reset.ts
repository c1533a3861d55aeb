import { readdirSync, readFileSync, rmSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { MNT_DETACH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { missingPart } from "@containers/image/local-images/missing-part";
import { removeContainers } from "../containers/removal/remove.ts";
import type { Engine } from "../engine/engine.ts";
import { removeNetworks } from "../networks/remove.ts";
import { removePods } from "../pods/remove.ts";
import { removeVolumes } from "../volumes/remove.ts";

/**
 * Removes everything: containers, pods, images, volumes, networks, and then the store's and the run directories with all that is in them. The
 * engine cannot be used afterwards. What fails is left and returned.
 */
export async function resetSystem(engine: Engine): Promise<readonly Error[]> {
  const errors: Error[] = [];
  const note = (reports: readonly { readonly error?: Error }[]): void => {
    for (const { error } of reports) if (error !== undefined) errors.push(error);
  };
  for (const { errors: ofPod } of await removePods(engine, engine.state.pods.list(), { force: true })) errors.push(...ofPod);
  const containers = engine.state.containers.list().map(({ id }) => id);
  note(await removeContainers(engine, containers, { force: true, volumes: true, depend: true, ignore: true, timeout: 0 }));
  const volumes = engine.state.volumes.list().map(({ name }) => name);
  note(await removeVolumes(engine, volumes, { force: true }));
  const networks = engine.networks.list().map(({ name }) => name);
  note(
    await removeNetworks(
      engine,
      networks.filter((name) => name !== engine.defaults.defaultNetwork),
      { force: true },
    ),
  );
  if (engine.state.containers.list().length > 0) return errors;
  for (const image of engine.store.images.list()) {
    const damage = missingPart(engine.store, image);
    if (damage !== undefined) engine.warn(`Failed to determine if an image is a parent: ${damage.message}, ignoring the error`);
  }
  const { graphRoot, runRoot, tmpDir, stateFile, locksDir } = engine.paths;
  engine.state.close();
  for (const path of [stateFile, `${stateFile}-wal`, `${stateFile}-shm`]) rmSync(path, { force: true });
  for (const directory of [runRoot, tmpDir, locksDir, graphRoot]) {
    try {
      emptyDirectory(engine.sys, directory);
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return errors;
}

/** What is mounted below may be somebody's data: it is unmounted, and nothing is deleted while something still is. */
function emptyDirectory(sys: Sys, directory: string): void {
  for (const target of mountsBelow(directory).reverse()) sys.umount2(target, MNT_DETACH);
  const [left] = mountsBelow(directory);
  if (left !== undefined) throw new ToolError("in-use", `${left} is still mounted: ${directory} is left as it is`);
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return;
    throw error;
  }
  for (const name of names) rmSync(`${directory}/${name}`, { recursive: true, force: true });
}

function mountsBelow(directory: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))))
    .filter((target) => target.startsWith(`${directory}/`));
}
