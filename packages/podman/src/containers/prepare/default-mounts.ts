import { cpSync, mkdirSync, rmSync } from "node:fs";
import { readDefaultMounts } from "@containers/common/mount-syntax/mounts-conf";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { Engine } from "../../engine/engine.ts";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";

/** What mounts.conf brings into every container: copies, so that nothing of the host's can be changed. What the host lacks is left out. */
export function defaultMounts({ globals, rootless }: Pick<Engine, "globals" | "rootless">, config: ContainerConfig): SpecMount[] {
  const mounts = readDefaultMounts({ file: globals.defaultMountsFile, rootless });
  if (mounts.length === 0) return [];
  const place = `${config.runDir}/default-mounts`;
  rmSync(place, { recursive: true, force: true });
  const taken = new Set(config.mounts.map(({ target }) => target));
  return mounts
    .filter(({ target }) => !taken.has(target))
    .map(({ source, target }, at) => {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      cpSync(source, `${place}/${at}`, { recursive: true, dereference: true });
      giveToRoot(config, `${place}/${at}`);
      return { destination: target, type: "bind", source: `${place}/${at}`, options: ["bind", "rprivate"] };
    });
}
