import { readFileSync } from "node:fs";

/** What a resolv.conf says, see resolv.conf(5). */
export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

export interface ResolvConfRequest {
  /** The text of the host's file, from {@link loadHostResolvConf}. */
  readonly host: string;
  /** Whether the container has a network namespace of its own: then the host's loopback name servers cannot be reached. */
  readonly isolated: boolean;
  /** Whether version 6 name servers can be reached. */
  readonly ipv6: boolean;
  /** Instead of the host's; empty or absent keeps those. */
  readonly servers?: readonly string[];
  readonly search?: readonly string[];
  readonly options?: readonly string[];
  /** Append the host's name servers to `servers`. */
  readonly keepHostServers?: boolean;
  /** Append the host's search domains to `search`. */
  readonly keepHostSearch?: boolean;
}

/** What remains when the host has only name servers that a container cannot reach. */
const PUBLIC_SERVERS = ["8.8.8.8", "8.8.4.4"];
const PUBLIC_SERVERS_6 = ["2001:4860:4860::8888", "2001:4860:4860::8844"];

/**
 * The host's resolv.conf for use by containers: where it names only a local stub resolver, the file in which that
 * resolver (systemd-resolved, NetworkManager's dnsmasq) lists the real servers. Empty when there is none.
 */
export function loadHostResolvConf(isolated: boolean, path = "/etc/resolv.conf"): string {
  const text = readIfPresent(path) ?? "";
  if (!isolated) return text;
  const { nameservers } = parseResolvConf(text);
  const behind = nameservers.length === 1 ? BEHIND_STUB[nameservers[0] ?? ""] : undefined;
  return (behind === undefined ? undefined : readIfPresent(behind)) ?? text;
}

const BEHIND_STUB: Readonly<Record<string, string>> = {
  "127.0.0.53": "/run/systemd/resolve/resolv.conf",
  "127.0.0.1": "/run/NetworkManager/no-stub-resolv.conf",
};

/** The text of a container's resolv.conf, byte for byte what the original writes. */
export function buildResolvConf(request: ResolvConfRequest): string {
  const host = parseResolvConf(request.host);
  const usable = request.isolated ? reachable(host.nameservers, request.ipv6) : host.nameservers;
  const servers = [...(request.servers ?? []), ...(isEmpty(request.servers) || request.keepHostServers === true ? usable : [])];
  const search = [...(request.search ?? []), ...(isEmpty(request.search) || request.keepHostSearch === true ? host.search : [])];
  const options = isEmpty(request.options) ? host.options : (request.options ?? []);
  // A single dot, alone or among others, asks for no search list at all.
  const domains = search.includes(".") ? [] : search;
  const lines = [
    ...(domains.length > 0 ? [`search ${domains.join(" ")}`] : []),
    ...unique(servers).map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(" ")}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

export function parseResolvConf(text: string): ResolvConf {
  const result = { nameservers: [] as string[], search: [] as string[], options: [] as string[] };
  for (const line of text.split("\n")) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver" && words[0] !== undefined) result.nameservers.push(words[0]);
    if (keyword === "search") result.search = words;
    if (keyword === "options") result.options = words;
  }
  return result;
}

/** Loopback, and link-local addresses with a zone, mean something else inside. */
function reachable(servers: readonly string[], ipv6: boolean): string[] {
  const kept = servers.filter((server) => {
    if (server.startsWith("127.") || server === "::1" || server.includes("%")) return false;
    return ipv6 || !server.includes(":");
  });
  if (kept.length > 0) return kept;
  return ipv6 ? [...PUBLIC_SERVERS, ...PUBLIC_SERVERS_6] : PUBLIC_SERVERS;
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)];
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
