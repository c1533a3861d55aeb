import { readdirSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

const adminDirectory = "/etc/containers/systemd";
const distributionDirectory = "/usr/share/containers/systemd";
const temporaryDirectory = "/run/containers/systemd";

export interface SearchSettings {
  /** For units of a user's manager. */
  readonly user: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly warn: (text: string) => void;
}

/** Where quadlets are installed: the administrator's directory, or the user's own; undefined without a home. */
export function installDirectory(settings: Pick<SearchSettings, "user" | "env">): string | undefined {
  if (!settings.user) return adminDirectory;
  const config = userConfigDirectory(settings.env);
  return config === undefined ? undefined : join(config, "containers/systemd");
}

/** Directories that are searched for quadlets, with those below them, in order: a name that was found counts no more further down. */
export function searchDirectories(settings: SearchSettings): string[] {
  const { env, user, uid, warn } = settings;
  const found = new Map<string, string>();
  const add = (path: string, accept: (path: string) => boolean = () => true): void => addTree(path, accept, found);
  const named = env["QUADLET_UNIT_DIRS"];
  if (named !== undefined && named !== "") {
    for (const directory of named.split(":")) {
      if (!isAbsolute(directory)) {
        warn(`${directory} not a valid file path`);
        break;
      }
      add(directory);
    }
    return [...found.values()];
  }
  const users = resolved(join(adminDirectory, "users"));
  if (!user) {
    for (const directory of [temporaryDirectory, adminDirectory, distributionDirectory]) add(directory, (path) => !path.startsWith(users));
    return [...found.values()];
  }
  if (env["XDG_RUNTIME_DIR"] !== undefined) add(join(env["XDG_RUNTIME_DIR"], "containers/systemd"));
  const own = installDirectory(settings);
  if (own === undefined) {
    warn("Warning: neither $XDG_CONFIG_HOME nor $HOME are defined");
    return [...found.values()];
  }
  add(own);
  for (const base of [adminDirectory, distributionDirectory]) {
    add(join(base, "users"), (path) => !isOfOneUser(path, users));
    add(join(base, "users", String(uid)));
  }
  return [...found.values()];
}

/** `users/1000` and below: units for that user alone. */
function isOfOneUser(path: string, users: string): boolean {
  return path.startsWith(users) && /^[0-9]*$/.test(path.split("/")[users.split("/").length] ?? "-");
}

function userConfigDirectory(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const config = env["XDG_CONFIG_HOME"];
  if (config !== undefined && config !== "") return config;
  const home = env["HOME"];
  return home === undefined || home === "" ? undefined : join(home, ".config");
}

/** A directory that is not there is kept in the list, so that a message can name it. */
function addTree(path: string, accept: (path: string) => boolean, found: Map<string, string>): void {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    found.set(path, path);
    return;
  }
  if (found.has(real) || real.endsWith(".d") || !accept(real) || statSync(real, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  found.set(real, real);
  for (const name of entries(real)) addTree(join(real, name), accept, found);
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
