import { authFileHelper, loadRegistriesConf } from "../registries-conf/load.ts";
import { type AuthFile, loadAuthFile, saveAuthFile } from "./auth-file.ts";
import { primaryAuthFile } from "./auth-paths.ts";
import { credentialHelper } from "./credential-helpers.ts";
import { dockerKey, type LoginTarget } from "./login.ts";
import { validateKey } from "./lookup.ts";

/**
 * Removes the credentials for a key from every credential helper and from the primary auth file.
 *
 * @returns false when none were there
 */
export async function removeCredentials(key: string, target: LoginTarget = {}): Promise<boolean> {
  const namespaced = validateKey(key);
  let removed = false;
  for (const helper of helpersOf(target)) {
    if (helper === authFileHelper)
      removed = (await removeFromFile(target.dockerConfig === undefined ? key : dockerKey(key), target)) || removed;
    else if (!namespaced) removed = (await credentialHelper(helper).erase(key)) || removed;
  }
  return removed;
}

/** Removes the credentials for every registry; helpers that are not installed are left alone. */
export async function removeAllCredentials(target: LoginTarget = {}): Promise<void> {
  for (const name of helpersOf(target)) {
    if (name === authFileHelper) {
      await emptyFile(target);
      continue;
    }
    const helper = credentialHelper(name);
    for (const registry of await helper.list()) await helper.erase(registry);
  }
}

function helpersOf(target: LoginTarget): readonly string[] {
  return target.dockerConfig === undefined ? loadRegistriesConf(target.access).credentialHelpers : [authFileHelper];
}

async function removeFromFile(key: string, target: LoginTarget): Promise<boolean> {
  const { path, contents } = open(target);
  const helper = contents.credHelpers[key];
  const erased = helper !== undefined && !key.includes("/") ? await credentialHelper(helper).erase(key) : false;
  if (!Object.hasOwn(contents.auths, key)) return erased;
  const { [key]: _, ...auths } = contents.auths;
  saveAuthFile(path, { ...contents, auths });
  return true;
}

async function emptyFile(target: LoginTarget): Promise<void> {
  const { path, contents } = open(target);
  for (const [registry, helper] of Object.entries(contents.credHelpers)) await credentialHelper(helper).erase(registry);
  saveAuthFile(path, { ...contents, auths: {}, credHelpers: target.dockerConfig === undefined ? {} : contents.credHelpers });
}

function open(target: LoginTarget): { readonly path: string; readonly contents: AuthFile } {
  const path = target.dockerConfig ?? primaryAuthFile(target.access).path;
  return { path, contents: loadAuthFile({ path, legacy: false }) };
}
