import { existsSync } from "node:fs";
import type { NetworkBackend, NetworkStore } from "./backend.ts";
import type { SubnetPool } from "./complete-network.ts";
import { countLeases, needsLease } from "./leases/leases.ts";
import { leaseFile, netavarkBackend } from "./netavark/backend.ts";
import { callNetavark } from "./netavark/invoke.ts";
import { networkConfigDir } from "./network-config-dir.ts";
import { ROOT_NETWORK_LOCK, withNetworkLock } from "./network-lock.ts";
import { openNetworkStore } from "./network-store.ts";
import { type RootlessNetns, rootlessNetns } from "./rootless-netns/rootless-netns.ts";
import type { UserModeSettings } from "./start-user-mode.ts";
import { changeDnsServers, type DnsServerChange } from "./update-network.ts";

/** What the networks of a user depend on. Values come from containers.conf and the store; absent means the default. */
export interface OpenNetworkOptions {
  readonly rootless: boolean;
  readonly graphRoot: string;
  readonly runRoot: string;
  /** network_config_dir or --network-config-dir. */
  readonly configDir?: string;
  readonly defaultNetwork?: string;
  readonly defaultSubnet?: string;
  readonly subnetPools?: readonly SubnetPool[];
  readonly helperDirs?: readonly string[];
  readonly firewallDriver?: string;
  readonly dnsBindPort?: number;
  readonly pluginDirs?: readonly string[];
  /** default_rootless_network_cmd, pasta_options and network_cmd_options, for bridges of an ordinary user. */
  readonly userMode?: UserModeSettings;
  readonly warn?: (message: string) => void;
}

export interface OpenNetwork {
  readonly store: NetworkStore;
  readonly backend: NetworkBackend;
  /** Undefined for root. */
  readonly rootlessNetns: RootlessNetns | undefined;
  readonly runDir: string;
  /** Runs `fn` while nobody else changes networks. The backend's own calls take the same lock: never nest them. */
  locked<T>(fn: () => Promise<T>): Promise<T>;
  /** Changes a network's own name servers, for new containers and those that run. */
  updateDnsServers(nameOrId: string, change: DnsServerChange): Promise<void>;
}

/** Definitions and backend on the same files and locks as the original's. Opens nothing yet. */
export function openNetwork(options: OpenNetworkOptions): OpenNetwork {
  const dir = networkConfigDir(options);
  // Not below root's run root: there is one host namespace, and so one set of addresses, for all stores.
  const runDir = options.rootless ? `${options.runRoot}/networks` : "/run/containers/networks";
  const lockPath = options.rootless ? `${dir}/netavark.lock` : ROOT_NETWORK_LOCK;
  const store = openNetworkStore({ ...options, dir, lockPath, leaseFile: leaseFile(runDir) });
  // Whoever is on a network has an address; on those that give none, only the count tells.
  const users = (counted: number): number => {
    const holding = countLeases(leaseFile(runDir));
    return holding < counted && !store.list().every(needsLease) ? counted : holding;
  };
  const namespace = options.rootless
    ? rootlessNetns(runDir, { helperDirs: options.helperDirs, warn: options.warn, ...options.userMode, users })
    : undefined;
  const backend = netavarkBackend({ ...options, store, lockPath, runDir, rootlessNetns: namespace });
  const settings = { ...options, runDir };
  const updateDnsServers: OpenNetwork["updateDnsServers"] = (nameOrId, change) =>
    withNetworkLock(lockPath, async () => {
      const changed = changeDnsServers(store, dir, nameOrId, change);
      // aardvark-dns has a file for each network with running containers; for others there is nobody to tell.
      if (changed === undefined || !existsSync(`${runDir}/aardvark-dns/${changed.name}`)) return;
      const call = { args: ["update", changed.name, "--network-dns-servers", changed.servers.join(",")] };
      if (namespace === undefined) await callNetavark(settings, call);
      else if (namespace.info() !== undefined) await namespace.use((run) => callNetavark(settings, call, run));
    });
  return { store, backend, rootlessNetns: namespace, runDir, updateDnsServers, locked: (fn) => withNetworkLock(lockPath, fn) };
}
