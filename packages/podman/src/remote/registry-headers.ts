import { decodeEntry, loadAuthFile } from "@containers/image/auth/auth-file";
import { authFilePaths } from "@containers/image/auth/auth-paths";
import type { RegistryAccess } from "@containers/image/transports/transport";

interface AuthConfig {
  readonly username: string;
  readonly password: string;
}

/**
 * The header that gives a service the user's credentials: the pair of the command line, else everything that the user's files hold. They go to
 * the service alone, which the user trusts with them.
 */
export function registryAuthHeader(access: RegistryAccess): Readonly<Record<string, string>> {
  const { credentials } = access;
  const content: AuthConfig | Record<string, AuthConfig> =
    credentials === undefined ? storedCredentials(access) : { username: credentials.username, password: credentials.password };
  return { "x-registry-auth": encoded(content) };
}

/** As {@link registryAuthHeader}, for a build, which may reach several registries. */
export function registryConfigHeader(access: RegistryAccess): Readonly<Record<string, string>> {
  const { credentials } = access;
  const content = {
    ...storedCredentials(access),
    ...(credentials === undefined ? {} : { "": { username: credentials.username, password: credentials.password } }),
  };
  return Object.keys(content).length === 0 ? {} : { "x-registry-config": encoded(content) };
}

/** The first file that knows a registry says it. */
function storedCredentials(access: RegistryAccess): Record<string, AuthConfig> {
  const found: Record<string, AuthConfig> = {};
  for (const file of authFilePaths(access)) {
    for (const [key, entry] of Object.entries(loadAuthFile(file).auths ?? {})) {
      const known = decodeEntry(entry);
      if (known !== undefined) found[key] ??= { username: known.username, password: known.password };
    }
  }
  return found;
}

/** The URL alphabet with its padding: services insist on both. */
function encoded(content: object): string {
  return Buffer.from(JSON.stringify(content)).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}
