import { wrapError } from "@containers/common/errors/tool-error";
import type { NamedReference } from "../reference/reference.ts";
import { resolveDestination } from "../registries-conf/mirrors.ts";
import type { RegistryAccess } from "../transports/transport.ts";
import { openRepository, type RegistryClient } from "./client.ts";
import { collectPages } from "./paging.ts";

export interface TagListOptions {
  readonly registry?: RegistryAccess;
  readonly signal?: AbortSignal;
}

/**
 * All tags of a repository, in the registry's order. Tag and digest of the reference do not matter. The registry itself is asked: a mirror
 * need not have them all.
 */
export async function listTags(reference: NamedReference, options: TagListOptions = {}): Promise<string[]> {
  const access = options.registry ?? {};
  const { insecure } = resolveDestination(reference, access);
  return await readTags(reference, () => openRepository(reference, { access, insecure, signal: options.signal }));
}

/** The same with a client for the repository. */
export async function readTags(reference: NamedReference, open: () => RegistryClient | Promise<RegistryClient>): Promise<string[]> {
  try {
    const client = await open();
    return await collectPages(client, `/v2/${client.repository}/tags/list`, "tags");
  } catch (error) {
    throw wrapError(`fetching tags list of ${reference.name}`, error);
  }
}
