import { statSync } from "node:fs";
import { posix } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { type ContainerUser, lookUpUser } from "@containers/common/spec-builder/look-up-user";
import { AT_FDCWD, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import type { IdMappings } from "@containers/storage/store";
import type { Engine } from "../../engine/engine.ts";
import { isSameProcess } from "../../monitor/process-identity.ts";
import { volumePath } from "../../volumes/volume-path.ts";
import type { Container, ContainerConfig, MountConfig } from "../config.ts";
import { canonicalPath, findPlace, type Place, type Root } from "./place.ts";

type Ports = Pick<Engine, "sys" | "state" | "store">;

/** A path of a container, ready to be read or written. */
export interface ContainerEnd {
  readonly place: Place;
  readonly reference: string;
  /** Ids of the container's user namespace, when it has its own. */
  readonly idMappings?: IdMappings;
  /** Whom the container runs as. */
  user(): ContainerUser;
  close(): void;
}

export function requireContainer(engine: Pick<Engine, "state">, reference: string): Container {
  const container = engine.state.containers.resolve(reference);
  if (container === undefined)
    throw new ToolError("not-found", `container ${JSON.stringify(reference)} does not exist`, { code: "no-such-container" });
  return container;
}

/**
 * Opens a container for a copy. One that runs is seen as its process sees it, mounts and all; of one that does not, the root file system is
 * mounted, and a path below a volume or a bind mount is looked for there.
 */
export function openContainerEnd(engine: Ports, reference: string, path: string): ContainerEnd {
  const { config, state } = requireContainer(engine, reference);
  const { sys } = engine;
  const opened: number[] = [];
  const runs = (state.status === "running" || state.status === "paused") && isSameProcess(state.pid, state.pidStartTime);
  const mounted = !runs && config.rootfs === undefined;
  const directory = runs ? `/proc/${state.pid}/root` : (config.rootfs ?? engine.store.containers.mount(config.id));
  const close = (): void => {
    for (const fd of opened.splice(0)) sys.close(fd);
    if (mounted) engine.store.containers.unmount(config.id);
  };
  const open = (fd: number): Root => {
    opened.push(fd);
    return { fd };
  };
  try {
    const root = open(sys.openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0, 0));
    const absolute = posix.isAbsolute(path) ? path : `${config.workdir}/${path}`;
    const found = runs ? undefined : belowMount(engine, config, { root, path: absolute });
    const place =
      found === undefined ? findPlace(sys, root, absolute) : findPlace(sys, open(openMount(engine, found.mount)), found.remainder);
    return {
      place,
      reference,
      ...(config.idMappings === undefined ? {} : { idMappings: config.idMappings }),
      user: () => lookUpUser(sys, directory, config.user),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

type FollowedMount = Extract<MountConfig, { type: "bind" | "volume" }>;

/** The innermost volume or bind mount that the path is in. */
function belowMount(
  engine: Ports,
  config: ContainerConfig,
  { root, path }: { readonly root: Root; readonly path: string },
): { readonly mount: FollowedMount; readonly remainder: string } | undefined {
  const at = canonicalPath(engine.sys, root, path);
  const candidates = config.mounts.flatMap((mount) => {
    if (mount.type !== "bind" && mount.type !== "volume") return [];
    const target = canonicalPath(engine.sys, root, mount.target);
    return at === target || at.startsWith(target === "/" ? "/" : `${target}/`) ? [{ mount, target }] : [];
  });
  const innermost = candidates.sort((one, other) => other.target.length - one.target.length)[0];
  if (innermost === undefined) return undefined;
  const remainder = at.slice(innermost.target.length) || "/";
  const { mount } = innermost;
  if (mount.type === "volume" || statSync(mount.source).isDirectory()) return { mount, remainder };
  return { mount: { ...mount, source: posix.dirname(mount.source) }, remainder: `/${posix.basename(mount.source)}` };
}

function openMount(engine: Ports, mount: FollowedMount): number {
  if (mount.type === "bind") return engine.sys.openat2(AT_FDCWD, mount.source, O_PATH | O_DIRECTORY, 0, 0);
  const volume = engine.state.volumes.get(mount.name);
  if (volume === undefined) throw new ToolError("not-found", `no such volume ${mount.name}`);
  return openInRoot(engine.sys, volumePath(volume), mount.subpath ?? "/", O_PATH | O_DIRECTORY);
}
