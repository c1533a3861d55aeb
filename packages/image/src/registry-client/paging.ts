import { ToolError } from "@containers/common/errors/tool-error";
import type { RegistryClient } from "./client.ts";
import { registryError } from "./registry-error.ts";

const MAX_PAGE_BYTES = 16 << 20;
const MAX_PAGES = 10_000;

/** Collects the strings of `field` over all pages of a listing; the next page is in the Link header (RFC 8288). */
export async function collectPages(client: RegistryClient, path: string, field: string): Promise<string[]> {
  const all: string[] = [];
  let url: string | undefined = path;
  for (let page = 0; url !== undefined; page++) {
    if (page === MAX_PAGES) throw new ToolError("unavailable", `${path}: the listing does not end`);
    const response = await client.send({ method: "GET", url });
    if (response.status !== 200) throw await registryError(response);
    const link = response.headers.get("link");
    all.push(...readPage(await response.text(MAX_PAGE_BYTES), field));
    url = nextPage(client, url, link);
  }
  return all;
}

function readPage(text: string, field: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ToolError("corrupt", "the registry's listing is not JSON", { cause: error });
  }
  const list: unknown = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
  if (list === null || list === undefined) return [];
  if (!Array.isArray(list)) throw new ToolError("corrupt", `the registry's listing has no list of ${field}`);
  // A loop: a function called for each of a thousand tags is worth compiling to the runtime, which costs as much as reading them.
  const strings: string[] = [];
  for (const entry of list as readonly unknown[]) if (typeof entry === "string") strings.push(entry);
  return strings;
}

/** The path of the next page. Only path and query count: a listing never leads to another host. */
function nextPage(client: RegistryClient, current: string, link: string | null): string | undefined {
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1];
  if (target === undefined) return undefined;
  const next = new URL(target, client.base + current);
  const path = next.pathname + next.search;
  return path === current ? undefined : path;
}
