import { ToolError } from "../errors/tool-error.ts";
import { writeFileAtomic } from "../fs/atomic-write.ts";
import type { NetworkStore } from "./backend.ts";
import { ipVersion } from "./ip-version.ts";
import { formatNetworkFile } from "./network-file.ts";
import { notFound } from "./network-store.ts";

export interface DnsServerChange {
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

/** Changes a network's own name servers in its file. Returns the new list, undefined when nothing changed. */
export function changeDnsServers(
  store: NetworkStore,
  dir: string,
  nameOrId: string,
  change: DnsServerChange,
): { readonly name: string; readonly servers: readonly string[] } | undefined {
  const network = store.get(nameOrId);
  if (network === undefined) throw notFound(nameOrId);
  checkServers(change.add, "AddDNSServer");
  checkServers(change.drop, "RemoveDNSServer");
  const before = network.network_dns_servers ?? [];
  const servers = [...new Set([...before.filter((server) => !change.drop.includes(server)), ...change.add])];
  if (servers.join() === before.join()) return undefined;
  const { name } = network;
  // Assigning keeps the key where the file had it.
  const file = { ...network, network_dns_servers: servers.length === 0 ? undefined : servers };
  writeFileAtomic(`${dir}/${name}.json`, formatNetworkFile(file), { mode: 0o644, locked: true });
  return { name, servers };
}

function checkServers(servers: readonly string[], flag: string): void {
  const bad = servers.find((server) => ipVersion(server) === 0);
  if (bad !== undefined) throw new ToolError("invalid-argument", `unable to parse ip ${bad} specified in ${flag}: invalid argument`);
}
