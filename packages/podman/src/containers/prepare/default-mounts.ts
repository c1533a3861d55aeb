import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { userPaths } from "@containers/common/fs/xdg-paths";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { Engine } from "../../engine/engine.ts";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";

/** Of mounts.conf(5): the user's file, the administrator's, the distribution's; the first one counts. */
const FILES = ["/etc/containers/mounts.conf", "/usr/share/containers/mounts.conf"];

/**
 * What mounts.conf (`host:container`, or one path for both, on each line) brings into every container: copies, so that nothing of the
 * host's can be changed. What the host lacks is left out.
 */
export function defaultMounts(engine: Pick<Engine, "globals" | "rootless">, config: ContainerConfig): SpecMount[] {
  const file = mountsFile(engine);
  if (file === undefined) return [];
  const place = `${config.runDir}/default-mounts`;
  rmSync(place, { recursive: true, force: true });
  const taken = new Set(config.mounts.map(({ target }) => target));
  return readLines(file)
    .filter(({ source, target }) => existsSync(source) && !taken.has(target))
    .map(({ source, target }, at) => {
      mkdirSync(place, { recursive: true, mode: 0o700 });
      cpSync(source, `${place}/${at}`, { recursive: true, dereference: true });
      giveToRoot(config, `${place}/${at}`);
      return { destination: target, type: "bind", source: `${place}/${at}`, options: ["bind", "rprivate"] };
    });
}

function mountsFile({ globals, rootless }: Pick<Engine, "globals" | "rootless">): string | undefined {
  const named = globals.defaultMountsFile ?? "";
  if (named !== "") return existsSync(named) ? named : undefined;
  return [...(rootless ? [`${userPaths().configHome}/containers/mounts.conf`] : []), ...FILES].find((path) => existsSync(path));
}

function readLines(path: string): ReadonlyArray<{ readonly source: string; readonly target: string }> {
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("/"))
    .map((line) => {
      const [source = "", target = source] = line.split(":");
      return { source, target };
    });
}
