import { existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { acquireFileLock, type FileLock } from "@containers/common/fs/file-lock";
import { rootlessGid, rootlessUid } from "@containers/common/rootless/rootless";
import type { IdMapSpec, UserNamespaceMode } from "../container-spec/namespace-spec.ts";
import type { ContainerConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import { chooseAutoMaps } from "./auto-maps.ts";
import { ownMap, subordinateCount, subordinateMap } from "./available-ids.ts";
import { parseAutoMap, parseIdMaps } from "./parse-id-maps.ts";

type Maps = NonNullable<ContainerConfig["idMappings"]>;
type Ports = Pick<Engine, "sys" | "store" | "paths" | "rootless">;

/** What a container's own user namespace means for its configuration. */
export interface SettledUserNamespace {
  /** HostConfig.UsernsMode of inspect. */
  readonly mode: string;
  /** As asked, for the annotation. */
  readonly text: string;
  readonly idMappings?: Maps;
  readonly joined?: ContainerConfig["joinedUserNamespace"];
  /** The user when none is asked for. */
  readonly user?: string;
  readonly currentUser?: ContainerConfig["currentUser"];
  /** Id of the container whose namespace it is. */
  readonly dependency?: string;
  /** Keeps the chosen ids from being chosen by others until the container's record holds them. */
  readonly lock?: FileLock;
}

/**
 * Chooses the ids of a container that gets a user namespace other than the host's.
 *
 * @throws invalid-argument, not-found, unavailable
 */
export function settleUserNamespace(
  engine: Ports,
  mode: Exclude<UserNamespaceMode, { readonly kind: "host" }>,
  given: { readonly image?: string; resolveContainer(reference: string): ContainerConfig },
): SettledUserNamespace {
  const asRoot = { user: "0:0", currentUser: { gid: 0, named: false } };
  switch (mode.kind) {
    case "auto":
      return settleAuto(engine, mode, given.image);
    case "keep-id":
      return settleKeepId(engine.rootless, mode);
    case "nomap":
      if (!engine.rootless) throw new ToolError("invalid-argument", "nomap is only supported in rootless mode");
      return { mode: "private", text: "nomap", idMappings: { uidMap: withoutRoot("uid"), gidMap: withoutRoot("gid") }, ...asRoot };
    case "maps":
      return { mode: "private", text: "private", idMappings: explicitMaps(engine, mode) };
    case "path":
      if (!existsSync(mode.path)) {
        throw new ToolError("not-found", `cannot find specified user namespace path: faccessat ${mode.path}: no such file or directory`);
      }
      return { mode: `ns:${mode.path}`, text: `ns:${mode.path}`, joined: mode };
    case "container":
      return settleContainer(mode.container, given);
  }
}

function settleContainer(reference: string, given: { resolveContainer(reference: string): ContainerConfig }): SettledUserNamespace {
  let other: ContainerConfig;
  try {
    other = given.resolveContainer(reference);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(error.kind, `looking up container to share user namespace with: ${error.message}`, { cause: error });
  }
  const mode = `container:${other.id}`;
  return {
    mode,
    text: `container:${reference}`,
    ...(other.idMappings === undefined ? {} : { idMappings: other.idMappings, joined: { kind: "container", container: other.id } }),
    dependency: other.id,
  };
}

function settleAuto(engine: Ports, mode: Extract<UserNamespaceMode, { kind: "auto" }>, image: string | undefined): SettledUserNamespace {
  const added = (kind: "UID" | "GID", texts: readonly string[]): IdMapSpec[] =>
    texts.flatMap((text) => parseAutoMap(text, { kind, parent: ownMap(kind === "UID" ? "uid" : "gid"), rootless: engine.rootless }));
  const request = {
    ...(mode.size === undefined || mode.size === 0 ? {} : { size: mode.size }),
    uidMaps: added("UID", mode.uidMappings ?? []),
    gidMaps: added("GID", mode.gidMappings ?? []),
    ...(image === undefined ? {} : { image }),
  };
  const lock = acquireFileLock(`${engine.paths.graphRoot}/userns.lock`, "write", { wait: true });
  try {
    return {
      mode: "private",
      text: mode.text ?? "auto",
      idMappings: chooseAutoMaps(engine, request),
      ...(lock === undefined ? {} : { lock }),
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function settleKeepId(rootless: boolean, mode: Extract<UserNamespaceMode, { kind: "keep-id" }>): SettledUserNamespace {
  const options = (["uid", "gid", "size"] as const).flatMap((key) => (mode[key] === undefined ? [] : [`${key}=${mode[key]}`]));
  const text = ["keep-id", ...(options.length === 0 ? [] : [options.join(",")])].join(":");
  if (!rootless) {
    if (mode.size !== undefined) {
      throw new ToolError("invalid-argument", "cannot set max size for user namespace when not running rootless");
    }
    const { uid = 0, gid = 0 } = mode;
    const idMappings = { uidMap: ownMap("uid"), gidMap: ownMap("gid") };
    return { mode: "private", text, idMappings, user: `${uid}:${gid}`, currentUser: { gid, named: false } };
  }
  const uid = mode.uid ?? rootlessUid();
  const gid = mode.gid ?? rootlessGid();
  return {
    mode: "private",
    text,
    idMappings: { uidMap: keptAt(uid, "uid", mode.size), gidMap: keptAt(gid, "gid", mode.size) },
    user: `${uid}:${gid}`,
    currentUser: { gid, named: mode.uid === undefined && mode.gid === undefined },
  };
}

/** The caller's own id stays `id` inside; the subordinate ids go around it. */
function keptAt(id: number, kind: "uid" | "gid", limit: number | undefined): IdMapSpec[] {
  const available = subordinateCount(kind);
  const count = limit === undefined || limit === 0 ? available : Math.min(available, limit - 1);
  return [
    ...(id > 0 && count > 0 ? [{ containerId: 0, hostId: 1, size: Math.min(id, count) }] : []),
    { containerId: id, hostId: 0, size: 1 },
    ...(count > id ? [{ containerId: id + 1, hostId: id + 1, size: count - id }] : []),
  ];
}

function withoutRoot(kind: "uid" | "gid"): IdMapSpec[] {
  const size = subordinateCount(kind);
  if (size > 0) return [{ containerId: 0, hostId: 1, size }];
  throw new ToolError("unavailable", "nomap requires additional UIDs or GIDs defined in /etc/subuid and /etc/subgid to function correctly");
}

function explicitMaps(engine: Pick<Engine, "rootless">, mode: Extract<UserNamespaceMode, { kind: "maps" }>): Maps {
  const uidMaps = mode.uidMaps.length > 0 ? mode.uidMaps : mode.gidMaps;
  const gidMaps = mode.gidMaps.length > 0 ? mode.gidMaps : mode.uidMaps;
  const subuid = mode.subuidName || mode.subgidName;
  const subgid = mode.subgidName || mode.subuidName;
  const { rootless } = engine;
  const parents = { uid: ownMap("uid"), gid: ownMap("gid") };
  let uids = parseIdMaps(uidMaps, { kind: "UID", parent: parents.uid, rootless });
  let gids = parseIdMaps(gidMaps, { kind: "GID", parent: parents.gid, rootless });
  // A kind that no text speaks of (`u…` or `g…` only) gets all ids of an ordinary user, in order.
  const all = (parent: readonly IdMapSpec[]): IdMapSpec[] => [
    { containerId: 0, hostId: 0, size: parent.reduce((sum, { size }) => sum + size, 0) },
  ];
  if (rootless && uids.length > 0 && gids.length === 0) gids = all(parents.gid);
  else if (rootless && gids.length > 0 && uids.length === 0) uids = all(parents.uid);
  const uidMap = [...(subuid ? subordinateMap("uid", subuid) : []), ...uids];
  const gidMap = [...(subgid ? subordinateMap("gid", subgid) : []), ...gids];
  if (uidMap.length === 0 && gidMap.length === 0) {
    throw new ToolError("invalid-argument", "must provide at least one UID or GID mapping to configure a user namespace");
  }
  return { uidMap, gidMap };
}
