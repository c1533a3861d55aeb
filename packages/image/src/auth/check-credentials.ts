import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { resolveRegistry } from "../registries-conf/mirrors.ts";
import { openRegistry } from "../registry-client/client.ts";
import { registryError } from "../registry-client/registry-error.ts";
import type { RegistryAccess } from "../transports/transport.ts";

/**
 * Asks a registry whether it takes these credentials.
 *
 * @returns false when it refuses them
 * @throws unavailable when it cannot be reached
 */
export async function checkCredentials(
  registry: string,
  credentials: { readonly username: string; readonly password: string },
  options: { readonly access?: RegistryAccess; readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const access = options.access ?? {};
  try {
    const client = await openRegistry(registry, {
      access,
      credentials,
      insecure: resolveRegistry(registry, access).insecure,
      signal: options.signal,
    });
    const response = await client.send({ method: "GET", url: "/v2/" });
    if (response.status === 401 || response.status === 403) {
      await response.discard();
      return false;
    }
    if (response.status !== 200) throw await registryError(response);
    await response.discard();
    return true;
  } catch (error) {
    if (isErrorOfKind(error, "denied") && !(error instanceof ToolError && error.code === "registry-blocked")) return false;
    throw error;
  }
}
