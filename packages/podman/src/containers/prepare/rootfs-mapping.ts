import { mkdirSync, rmSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { IdMapEntry } from "@containers/common/rootless/id-map";
import { MNT_DETACH } from "@containers/common/sys/constants";
import { errnoCode } from "@containers/common/sys/sys-error";
import { shiftedMount } from "@containers/storage/id-shift/shifted-mount";
import { withUserNamespace } from "@containers/storage/id-shift/user-namespace";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";

interface IdMaps {
  readonly uidMap: readonly IdMapEntry[];
  readonly gidMap: readonly IdMapEntry[];
}

/**
 * `--rootfs PATH:idmap[=…]`: mounts the directory once more, in the container's own directory, with its owners shifted. Returns where.
 *
 * @throws ToolError invalid-argument for maps that cannot be read, unavailable when the kernel or the file system cannot do it
 */
export function mountMappedRootfs(engine: Pick<Engine, "sys">, config: ContainerConfig): string {
  const mappings = rootfsMaps(config.rootfsMapping ?? "", config.idMappings);
  unmountMappedRootfs(engine, config);
  const target = placeOf(config);
  mkdirSync(target, { recursive: true, mode: 0o755 });
  try {
    withUserNamespace(engine.sys, mappings, (namespace) => shiftedMount(engine.sys, { source: config.rootfs ?? "", target, namespace }));
  } catch (error) {
    rmSync(target, { recursive: true, force: true });
    throw new ToolError("unavailable", `failed to create idmapped mount: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  return target;
}

/** No error when it is not mounted. */
export function unmountMappedRootfs(engine: Pick<Engine, "sys">, config: ContainerConfig): void {
  const target = placeOf(config);
  try {
    engine.sys.umount2(target, MNT_DETACH);
  } catch (error) {
    const code = errnoCode(error);
    if (code !== "EINVAL" && code !== "ENOENT") throw error;
  }
  rmSync(target, { recursive: true, force: true });
}

/**
 * The maps of `idmap`, which are the container's, or those of `idmap=uids=A-B-N#…;gids=…`; a range that begins with `@` counts the second
 * number in the container's user namespace.
 */
export function rootfsMaps(option: string, container: IdMaps = { uidMap: [], gidMap: [] }): IdMaps {
  let { uidMap, gidMap } = container;
  for (const part of option.startsWith("idmap=") ? option.slice("idmap=".length).split(";") : []) {
    if (part.startsWith("uids=")) uidMap = readRanges(part.slice(5), container.uidMap);
    else if (part.startsWith("gids=")) gidMap = readRanges(part.slice(5), container.gidMap);
    else throw invalid(`unknown option ${JSON.stringify(part)}`);
  }
  if (uidMap.length === 0 || gidMap.length === 0)
    throw invalid("idmap without maps needs a container with a user namespace of its own: give it --userns or --uidmap");
  return { uidMap, gidMap };
}

function readRanges(text: string, container: readonly IdMapEntry[]): IdMapEntry[] {
  return text.split("#").map((range) => {
    if (range === "") throw invalid(`invalid empty range for ${JSON.stringify(text)}`);
    const [, relative, first = "", second = "", length = ""] = /^(@?)(\d+)-(\d+)-(\d+)$/.exec(range) ?? [];
    const size = Number(length);
    if (relative === undefined || size < 1) throw invalid(`invalid value for ${JSON.stringify(text)}`);
    const wanted = { containerId: Number(first), hostId: Number(second), size };
    if (relative === "") return wanted;
    const within = container.find(({ containerId, size: span }) => wanted.hostId >= containerId && wanted.hostId < containerId + span);
    if (within === undefined) throw invalid(`could not find a user namespace mapping for the relative mapping ${JSON.stringify(text)}`);
    return { ...wanted, hostId: wanted.hostId + within.hostId - within.containerId };
  });
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}

function placeOf({ staticDir }: ContainerConfig): string {
  return `${staticDir}/rootfs-idmap`;
}
