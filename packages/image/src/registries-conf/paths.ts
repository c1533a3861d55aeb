import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RegistryAccess } from "../transports/transport.ts";

/** Where registries.conf is looked for, after the search order of containers-registries.conf(5). */
export interface RegistriesConfPaths {
  readonly file: string;
  /** True when the file was named by the caller, so that its absence is an error. */
  readonly fileRequired: boolean;
  /** Drop-in directories, read in this order. */
  readonly directories: readonly string[];
}

const systemFile = "/etc/containers/registries.conf";
const systemDirectory = "/etc/containers/registries.conf.d";

/**
 * The user's file replaces the system's (and then the system's drop-ins are left out as well); the user's drop-ins always
 * apply. Both stand below `$HOME/.config`, whatever `$XDG_CONFIG_HOME` says.
 */
export function registriesConfPaths(access: RegistryAccess = {}, home = userHome()): RegistriesConfPaths {
  const userFile = join(home, ".config/containers/registries.conf");
  const userDirectory = join(home, ".config/containers/registries.conf.d");
  const named = access.registriesConfPath;
  if (named !== undefined && named !== "") {
    const directories = access.registriesConfDir ? [access.registriesConfDir] : [systemDirectory];
    return { file: named, fileRequired: true, directories: [...directories, userDirectory] };
  }
  if (existsSync(userFile)) {
    return { file: userFile, fileRequired: false, directories: [access.registriesConfDir ?? userDirectory] };
  }
  return { file: systemFile, fileRequired: false, directories: [access.registriesConfDir ?? systemDirectory, userDirectory] };
}

/**
 * What the environment says about registries.conf, for podman and buildah; skopeo does not look there.
 * `$REGISTRIES_CONFIG_PATH` is the older name.
 */
export function registriesConfFromEnvironment(): Pick<RegistryAccess, "registriesConfPath"> {
  const path = process.env["CONTAINERS_REGISTRIES_CONF"] || process.env["REGISTRIES_CONFIG_PATH"];
  return path ? { registriesConfPath: path } : {};
}

/** The home directory as the environment has it: inside a user namespace the password file names root's. */
export function userHome(): string {
  const { HOME } = process.env;
  if (HOME !== undefined && HOME !== "") return HOME;
  const { homedir }: typeof import("node:os") = require("node:os");
  return homedir();
}
