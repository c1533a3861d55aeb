import { existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { volumePath } from "../../volumes/volume-path.ts";
import type { ContainerConfig } from "../config.ts";
import { fileStream, unpackArchive } from "../copy/tar-files.ts";
import { PARTS } from "./archive.ts";
import type { Restore } from "./restore.ts";
import { applyRootChanges } from "./root-changes.ts";

export async function bringBackFiles(
  engine: Engine,
  config: ContainerConfig,
  place: { readonly restore: Restore; readonly rootfs: string },
): Promise<void> {
  const { options, imported } = place.restore;
  const { staticDir } = config;
  const shm = `${staticDir}/${PARTS.shm}`;
  if (existsSync(shm) && existsSync(`${staticDir}/shm`)) await unpackArchive(engine.sys, fileStream(shm), `${staticDir}/shm`);
  if (imported === undefined) return;
  if (options.ignoreVolumes !== true) await bringBackVolumes(engine, config);
  if (options.ignoreRootfs !== true) await applyRootChanges(engine.sys, staticDir, place.rootfs);
}

async function bringBackVolumes(engine: Engine, config: ContainerConfig): Promise<void> {
  for (const mount of config.mounts) {
    if (mount.type !== "volume") continue;
    const volume = engine.state.volumes.get(mount.name);
    const kept = `${config.staticDir}/${PARTS.volumes}/${mount.name}.tar`;
    if (volume === undefined || !existsSync(kept))
      throw new ToolError("not-found", `the checkpoint has no content of the volume ${mount.name}`, {
        exitCode: 125,
        hint: "--ignore-volumes restores without",
      });
    await unpackArchive(engine.sys, fileStream(kept), volumePath(volume));
  }
}
