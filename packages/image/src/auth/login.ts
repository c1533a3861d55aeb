import { ToolError } from "@containers/common/errors/tool-error";
import { parseNormalizedName } from "../reference/reference.ts";
import { authFileHelper, loadRegistriesConf } from "../registries-conf/load.ts";
import type { RegistryAccess } from "../transports/transport.ts";
import { encodeEntry, loadAuthFile, saveAuthFile } from "./auth-file.ts";
import { primaryAuthFile } from "./auth-paths.ts";
import { credentialHelper } from "./credential-helpers.ts";
import { validateKey } from "./lookup.ts";

/** Where login and logout write. */
export interface LoginTarget {
  readonly access?: RegistryAccess;
  /** A docker config.json, written the way docker writes it (`--compat-auth-file`). Excludes `access.authFile`. */
  readonly dockerConfig?: string;
}

/** What the user named, as a key of auth.json and as the registry that the credentials are checked with. */
export interface LoginKey {
  readonly key: string;
  readonly registry: string;
}

/**
 * The argument of login and logout: `host[:port]` or `host[:port]/namespace[/repository]`; of a URL, its host.
 *
 * @param repositories false keeps the registry alone (`podman login` accepts repositories, `buildah login` too)
 * @throws invalid-argument for names with a tag or digest
 */
export function parseLoginKey(argument: string, repositories = true): LoginKey {
  const key = /^https?:\/\//.test(argument) ? hostOf(argument) : argument;
  const registry = key.split("/", 1)[0] ?? key;
  if (!repositories || registry === key) return { key: registry, registry };
  const reference = parseNormalizedName(key);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    throw new ToolError("invalid-argument", `reference "${key}" contains tag or digest`);
  }
  return { key, registry };
}

/**
 * The registry meant when none is named: the first unqualified-search registry.
 *
 * @throws invalid-argument when there is none
 */
export function defaultLoginKey(access: RegistryAccess = {}): LoginKey {
  const registry = loadRegistriesConf(access).unqualifiedSearchRegistries[0];
  if (registry === undefined) {
    throw new ToolError("invalid-argument", "no registries found in registries.conf, a registry must be provided");
  }
  return { key: registry, registry };
}

/**
 * Stores credentials with the first credential helper that takes them, by default in auth.json (mode 0600, replaced in one step).
 *
 * @returns where they went: a path, or `credential helper: NAME`
 */
export async function storeCredentials(
  key: string,
  credentials: { readonly username: string; readonly password: string },
  target: LoginTarget = {},
): Promise<string> {
  const namespaced = validateKey(key);
  if (target.dockerConfig !== undefined) return storeForDocker(key, credentials, target);
  let failure: unknown;
  for (const helper of loadRegistriesConf(target.access).credentialHelpers) {
    try {
      if (helper === authFileHelper) return await storeInFile(key, credentials, target);
      return await storeWithHelper(helper, key, { credentials, namespaced });
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

async function storeForDocker(
  key: string,
  credentials: { readonly username: string; readonly password: string },
  target: LoginTarget,
): Promise<string> {
  if (target.access?.authFile) {
    throw new ToolError(
      "invalid-argument",
      "options for paths to the credential file and to the Docker-compatible credential file can not be set simultaneously",
    );
  }
  if (validateKey(key)) {
    throw new ToolError("invalid-argument", `credentials cannot be recorded in Docker-compatible format with namespaced key "${key}"`);
  }
  return storeInFile(dockerKey(key), credentials, target);
}

/** The key that docker itself uses for its own registry. */
export function dockerKey(key: string): string {
  return key === "docker.io" ? "https://index.docker.io/v1/" : key;
}

async function storeInFile(
  key: string,
  credentials: { readonly username: string; readonly password: string },
  target: LoginTarget,
): Promise<string> {
  const path = target.dockerConfig ?? primaryAuthFile(target.access).path;
  const contents = loadAuthFile({ path, legacy: false });
  const helper = contents.credHelpers[key];
  if (helper !== undefined) return storeWithHelper(helper, key, { credentials, namespaced: key.includes("/") });
  const entry = encodeEntry(credentials.username, credentials.password);
  saveAuthFile(path, { ...contents, auths: { ...contents.auths, [key]: entry } });
  return path;
}

async function storeWithHelper(
  helper: string,
  key: string,
  what: { readonly credentials: { readonly username: string; readonly password: string }; readonly namespaced: boolean },
): Promise<string> {
  if (what.namespaced) throw new ToolError("unsupported", `namespaced key is not supported for credential helper ${helper}`);
  await credentialHelper(helper).store(key, what.credentials.username, what.credentials.password);
  return `credential helper: ${helper}`;
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch (error) {
    throw new ToolError("invalid-argument", `trimming http{s} prefix: ${url} is not a URL`, { cause: error });
  }
}
