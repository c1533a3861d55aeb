import { ToolError } from "@containers/common/errors/tool-error";
import { authFileHelper, loadRegistriesConf } from "../registries-conf/load.ts";
import type { RegistryAccess } from "../transports/transport.ts";
import { type AuthFile, type Credentials, decodeEntry, loadAuthFile } from "./auth-file.ts";
import { type AuthFilePath, authFilePaths } from "./auth-paths.ts";
import { credentialHelper } from "./credential-helpers.ts";

/**
 * The credentials for a repository or registry: those in `access` when given, else the first match of the credential helpers of
 * registries.conf (by default the auth files), most specific key first.
 *
 * @param key `host[:port][/namespace[/repository]]`, without tag or digest
 * @returns undefined when there are none: the registry is then asked without
 */
export async function lookupCredentials(key: string, access: RegistryAccess = {}): Promise<Credentials | undefined> {
  validateKey(key);
  if (access.anonymous) return undefined;
  if (access.credentials !== undefined) return access.credentials;
  const registry = registryOf(key);
  const failures: unknown[] = [];
  for (const helper of loadRegistriesConf(access).credentialHelpers) {
    try {
      const found = helper === authFileHelper ? await lookInFiles(key, access) : await credentialHelper(helper).get(registry);
      if (found !== undefined) return found;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return undefined;
}

/** The credentials that one auth file, its `credHelpers` included, has for the key. */
export async function lookupInFile(key: string, file: AuthFilePath): Promise<Credentials | undefined> {
  const contents = loadAuthFile(file);
  const registry = registryOf(key);
  const helper = contents.credHelpers[registry];
  if (helper !== undefined) return credentialHelper(helper).get(registry);
  const entryKey = matchingKey(contents, key, file.legacy);
  const entry = entryKey === undefined ? undefined : contents.auths[entryKey];
  return entry === undefined ? undefined : decodeEntry(entry);
}

/** @returns whether the key names more than a registry
 * @throws invalid-argument for URLs, tags and digests */
export function validateKey(key: string): boolean {
  if (/^https?:\/\//.test(key)) throw new ToolError("invalid-argument", `key ${key} contains http[s]:// prefix`);
  if (key.includes("@")) throw new ToolError("invalid-argument", `key ${key} contains a '@' character`);
  const slash = key.indexOf("/");
  if (slash !== -1 && key.includes(":", slash)) {
    throw new ToolError("invalid-argument", `key ${key} contains a ':' character after host[:port]`);
  }
  return slash !== -1;
}

async function lookInFiles(key: string, access: RegistryAccess): Promise<Credentials | undefined> {
  for (const file of authFilePaths(access)) {
    const found = await lookupInFile(key, file);
    if (found !== undefined) return found;
  }
  return undefined;
}

function matchingKey(contents: AuthFile, key: string, legacy: boolean): string | undefined {
  const has = (candidate: string): boolean => Object.hasOwn(contents.auths, candidate);
  if (!legacy) {
    for (let at = key; ; at = at.slice(0, at.lastIndexOf("/"))) {
      if (has(at)) return at;
      if (!at.includes("/")) break;
    }
  }
  const registry = normalizeRegistry(registryOf(key));
  if (legacy && has(registryOf(key))) return registryOf(key);
  return Object.keys(contents.auths).find((candidate) => normalizeKey(candidate, legacy) === registry);
}

/** docker writes `https://index.docker.io/v1/`; such keys count for their host. */
function normalizeKey(key: string, legacy: boolean): string {
  const stripped = key.replace(/^https?:\/\//, "");
  return normalizeRegistry(legacy || stripped !== key ? registryOf(stripped) : stripped);
}

function normalizeRegistry(registry: string): string {
  return registry === "docker.io" || registry === "registry-1.docker.io" ? "index.docker.io" : registry;
}

function registryOf(key: string): string {
  const slash = key.indexOf("/");
  return slash === -1 ? key : key.slice(0, slash);
}
