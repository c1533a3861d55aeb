import { openRegistry } from "./client.ts";
import { collectPages } from "./paging.ts";
import type { TagListOptions } from "./tags.ts";

interface CatalogOptions extends TagListOptions {
  /** The registry may be spoken to without TLS, or with a certificate that nobody vouches for. */
  readonly insecure?: boolean;
}

/** The names of all repositories that the registry shows us. */
export async function listRepositories(domain: string, options: CatalogOptions = {}): Promise<string[]> {
  const { registry: access, insecure, signal } = options;
  const client = await openRegistry(domain, { access, insecure, signal, scope: "registry:catalog:*" });
  return await collectPages(client, "/v2/_catalog", "repositories");
}
