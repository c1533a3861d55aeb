import { mkdirSync, rmSync, statSync } from "node:fs";
import { MNT_DETACH } from "@containers/common/sys/constants";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { Engine } from "../../engine/engine.ts";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";

/** `--rootfs PATH:O`: mounts an overlay over the directory, whose changes last as long as the run. Returns where. */
export function mountRootfsOverlay(engine: Pick<Engine, "sys" | "rootless">, config: ContainerConfig): string {
  const lower = config.rootfs ?? "";
  unmountRootfsOverlay(engine, config);
  const [upper = "", work = "", merged = ""] = ["upper", "work", "merged"].map((name) => `${placeOf(config)}/${name}`);
  for (const path of [upper, work, merged]) mkdirSync(path, { recursive: true, mode: statSync(lower).mode & 0o7777 });
  for (const path of [upper, work]) giveToRoot(config, path);
  const escaped = lower.replace(/[\\:,]/g, "\\$&");
  const options = [`lowerdir=${escaped}`, `upperdir=${upper}`, `workdir=${work}`, ...(engine.rootless ? ["userxattr"] : [])];
  engine.sys.mount("overlay", merged, "overlay", 0, options.join(","));
  return merged;
}

/** No error when it is not mounted. What was written goes. */
export function unmountRootfsOverlay(engine: Pick<Engine, "sys">, config: ContainerConfig): void {
  try {
    engine.sys.umount2(`${placeOf(config)}/merged`, MNT_DETACH);
  } catch (error) {
    const code = errnoCode(error);
    if (code !== "EINVAL" && code !== "ENOENT") throw error;
  }
  rmSync(placeOf(config), { recursive: true, force: true });
}

function placeOf({ staticDir }: ContainerConfig): string {
  return `${staticDir}/rootfs-overlay`;
}
