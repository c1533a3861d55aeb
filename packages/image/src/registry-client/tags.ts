import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { NamedReference } from "../reference/reference.ts";
import { resolveEndpoints } from "../registries-conf/mirrors.ts";
import type { RegistryAccess } from "../transports/transport.ts";
import { openRepository } from "./client.ts";
import { collectPages } from "./paging.ts";

export interface TagListOptions {
  readonly registry?: RegistryAccess;
  readonly signal?: AbortSignal;
}

/** All tags of a repository, in the registry's order. Tag and digest of the reference do not matter. */
export async function listTags(reference: NamedReference, options: TagListOptions = {}): Promise<string[]> {
  const access = options.registry ?? {};
  const endpoints = resolveEndpoints(reference, access);
  let failure: unknown;
  for (const endpoint of endpoints) {
    try {
      const client = await openRepository(endpoint.reference, { access, insecure: endpoint.insecure, signal: options.signal });
      return await collectPages(client, `/v2/${client.repository}/tags/list`, "tags");
    } catch (error) {
      failure = error;
      if (error instanceof ToolError && error.kind === "cancelled") break;
    }
  }
  throw wrapError(`fetching tags list of ${reference.name}`, failure);
}
