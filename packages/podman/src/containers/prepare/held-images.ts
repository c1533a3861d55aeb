import { appendFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";

type Place = Pick<ContainerConfig, "runDir">;

/**
 * Mounts an image's layer for as long as the container runs, as the original does, so that `image mount` tells of it. The container does
 * not need the mount: it has the layers' own directories, and `image umount` does not harm it. What was mounted is noted where a reboot
 * forgets it too.
 */
export function holdImage({ store }: Pick<Engine, "store">, config: Place, layer: string): void {
  store.layers.mount(layer, { readOnly: true });
  mkdirSync(config.runDir, { recursive: true, mode: 0o700 });
  appendFileSync(notes(config), `${layer}\n`, { mode: 0o600 });
}

/** Takes the mounts of the last run away, where nobody did so before. */
export function releaseImages({ store }: Pick<Engine, "store">, config: Place): void {
  for (const layer of readNotes(config)) {
    if (store.layers.get(layer) !== undefined && store.layers.mountPoint(layer) !== undefined) store.layers.unmount(layer);
  }
  rmSync(notes(config), { force: true });
}

function readNotes(config: Place): string[] {
  try {
    return readFileSync(notes(config), "utf8").split("\n").filter(Boolean);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
    return [];
  }
}

function notes(config: Place): string {
  return `${config.runDir}/held-images`;
}
