import { openRegistry } from "./client.ts";
import { collectPages } from "./paging.ts";
import type { TagListOptions } from "./tags.ts";

/** The names of all repositories that the registry shows us. */
export async function listRepositories(domain: string, options: TagListOptions = {}): Promise<string[]> {
  const client = await openRegistry(domain, { access: options.registry, signal: options.signal, scope: "registry:catalog:*" });
  return await collectPages(client, "/v2/_catalog", "repositories");
}
