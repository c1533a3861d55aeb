import { lstatSync } from "node:fs";

/** Where a user's files go. */
export interface UserPaths {
  readonly configHome: string;
  readonly dataHome: string;
  readonly cacheHome: string;
  /** For sockets, locks and pid files; gone after a reboot. */
  readonly runtimeDir: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The XDG base directories with their defaults below the home directory. Without XDG_RUNTIME_DIR the run-time directory is
 * /run/user/UID when that is ours, else one below /tmp. Relative values are ignored, as the XDG specification asks.
 */
export function userPaths(env: Environment = process.env): UserPaths {
  const home = absolute(env.HOME) ?? "/";
  const below = home === "/" ? "" : home;
  return {
    configHome: absolute(env.XDG_CONFIG_HOME) ?? `${below}/.config`,
    dataHome: absolute(env.XDG_DATA_HOME) ?? `${below}/.local/share`,
    cacheHome: absolute(env.XDG_CACHE_HOME) ?? `${below}/.cache`,
    runtimeDir: absolute(env.XDG_RUNTIME_DIR) ?? defaultRuntimeDir(ownerId(env)),
  };
}

/** Inside our own user namespace the uid is 0; the variable holds the real one. */
function ownerId(env: Environment): number {
  const outside = Number(env._CONTAINERS_ROOTLESS_UID);
  return Number.isInteger(outside) && outside > 0 ? outside : (process.getuid?.() ?? 0);
}

function defaultRuntimeDir(uid: number): string {
  const systemd = `/run/user/${uid}`;
  return ownedDirectory(systemd) ? systemd : `/tmp/storage-run-${uid}`;
}

function ownedDirectory(path: string): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isDirectory() && stat.uid === (process.getuid?.() ?? 0);
  } catch {
    return false;
  }
}

function absolute(path: string | undefined): string | undefined {
  if (path === undefined || !path.startsWith("/")) return undefined;
  return path === "/" ? path : path.replace(/\/+$/, "");
}
