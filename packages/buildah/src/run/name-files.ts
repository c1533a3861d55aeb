import { readFileSync } from "node:fs";
import { buildHostsFile } from "@containers/common/network/hosts-file";
import { buildResolvConf, loadHostResolvConf } from "@containers/common/network/resolv-conf";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { RunNetwork } from "./network.ts";

export interface NameSettings {
  readonly hostname: string;
  readonly containerName: string;
  /** `name:address` and `name:host-gateway`. */
  readonly addHosts: readonly string[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
}

/** /etc/hosts for a run: the host's own entries, what `--add-host` says, and the process itself. */
export function hostsFile(network: RunNetwork, settings: NameSettings): string {
  const hostAddress = network.hostAddresses[0];
  return buildHostsFile({
    base: readHosts(),
    extra: settings.addHosts,
    own: network.addresses.map((ip) => ({ ip, names: [settings.hostname, settings.containerName] })),
    ...(hostAddress === undefined ? {} : { hostAddress }),
  });
}

/** /etc/resolv.conf for a run. */
export function resolvFile(network: RunNetwork, settings: NameSettings): string {
  const isolated = network.namespace !== undefined;
  return buildResolvConf({
    host: loadHostResolvConf(isolated),
    isolated,
    ipv6: network.addresses.some((address) => address.includes(":")),
    servers: settings.dns.length > 0 ? settings.dns : network.dnsServers,
    search: settings.dnsSearch.length > 0 ? settings.dnsSearch : network.searchDomains,
    options: settings.dnsOptions,
    keepHostSearch: settings.dnsSearch.length === 0,
  });
}

function readHosts(): string {
  try {
    return readFileSync("/etc/hosts", "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return "";
    throw error;
  }
}
