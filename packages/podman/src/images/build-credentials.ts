import type { RegistryAccess } from "@containers/image/transports/transport";

/** Known to this program alone: a build's process list shows its flags, and not its environment. */
const VARIABLE = "_PODMAN_BUILD_CREDENTIALS";

type Account = Pick<RegistryAccess, "credentials" | "bearerToken">;

/** The environment by which the service gives a build the account that its client sent along. */
export function handOverCredentials({ credentials, bearerToken }: Account): Readonly<Record<string, string>> {
  return credentials === undefined && bearerToken === undefined ? {} : { [VARIABLE]: JSON.stringify({ credentials, bearerToken }) };
}

/** The account that was handed over. It is taken out of the environment, so that nothing that the build starts sees it. */
export function takeCredentials(): Account {
  const text = process.env[VARIABLE];
  if (text === undefined) return {};
  delete process.env[VARIABLE];
  return JSON.parse(text) as Account;
}
