import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { ToolError } from "../errors/tool-error.ts";
import { writeFileAtomic } from "../fs/atomic-write.ts";
import { withFileLock } from "../fs/file-lock.ts";
import { errnoCode } from "../sys/sys-error.ts";
import type { NetworkDefinition, NetworkStore } from "./backend.ts";
import { completeNetwork, type SubnetPool } from "./complete-network.ts";
import { requireSubnet, type Subnet } from "./ip-address.ts";
import { dropNetworkLeases } from "./leases/leases.ts";
import { localAddresses } from "./local-addresses.ts";
import { isBuiltinDriver } from "./netavark/invoke.ts";
import { formatNetworkFile, parseNetworkFile } from "./network-file.ts";

export interface NetworkStoreOptions {
  /** /etc/containers/networks, or networks below the graph root for an ordinary user. */
  readonly dir: string;
  /** Where the leases of removed networks are forgotten. */
  readonly leaseFile: string;
  readonly lockPath: string;
  /** default_network: exists without a file. */
  readonly defaultNetwork?: string;
  /** default_subnet. */
  readonly defaultSubnet?: string;
  /** default_subnet_pools. */
  readonly subnetPools?: readonly SubnetPool[];
  /** netavark_plugin_dirs: a file there is a driver. */
  readonly pluginDirs?: readonly string[];
  readonly warn?: (message: string) => void;
}

const DEFAULT_PLUGIN_DIRS = ["/usr/local/libexec/netavark", "/usr/libexec/netavark", "/usr/local/lib/netavark", "/usr/lib/netavark"];

/** The original's own, so that the default network is the same object to both. */
const DEFAULT_NETWORK_ID = "2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9";

/** Network definitions as files, one each, in the original's format and place. */
export function openNetworkStore(options: NetworkStoreOptions): NetworkStore {
  return {
    list: () => loadNetworks(options),
    get: (nameOrId) => findNetwork(loadNetworks(options), nameOrId),
    create(input) {
      refuseUnknownDriver(input.driver ?? "bridge", options.pluginDirs ?? DEFAULT_PLUGIN_DIRS);
      mkdirSync(options.dir, { recursive: true, mode: 0o755 });
      return locked(options, () => {
        const network = completeNetwork(input, {
          present: loadNetworks(options),
          pools: options.subnetPools,
          hostSubnets: hostSubnets(),
          hostInterfaces: hostInterfaces(),
          id: crypto.getRandomValues(Buffer.alloc(32)).toString("hex"),
        });
        writeFileAtomic(`${options.dir}/${network.name}.json`, formatNetworkFile(network), { mode: 0o644, locked: true });
        return network;
      });
    },
    remove(nameOrId) {
      const network = findNetwork(loadNetworks(options), nameOrId);
      if (network === undefined) throw notFound(nameOrId);
      if (network.name === (options.defaultNetwork ?? "podman")) {
        throw new ToolError("invalid-argument", `default network ${network.name} cannot be removed`);
      }
      locked(options, () => {
        rmSync(`${options.dir}/${network.name}.json`, { force: true });
        dropNetworkLeases(options.leaseFile, network.name);
      });
    },
  };
}

function refuseUnknownDriver(driver: string, pluginDirs: readonly string[]): void {
  if (isBuiltinDriver(driver) || pluginDirs.some((dir) => !driver.includes("/") && existsSync(`${dir}/${driver}`))) return;
  throw new ToolError("not-found", `failed to find driver or plugin "${driver}"`, { exitCode: 125 });
}

export function notFound(nameOrId: string): ToolError {
  return new ToolError("not-found", `unable to find network with name or ID ${nameOrId}: network not found`);
}

function locked<T>(options: NetworkStoreOptions, fn: () => T): T {
  mkdirSync(options.lockPath.slice(0, options.lockPath.lastIndexOf("/")), { recursive: true });
  return withFileLock(options.lockPath, "write", fn);
}

function loadNetworks(options: NetworkStoreOptions): NetworkDefinition[] {
  const networks = fileNames(options.dir).flatMap((file) => {
    try {
      return [parseNetworkFile(readFileSync(`${options.dir}/${file}`, "utf8"), file)];
    } catch (error) {
      // One broken file must not take every network away.
      if (errnoCode(error) !== "ENOENT")
        options.warn?.(`skipping ${options.dir}/${file}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
  const name = options.defaultNetwork ?? "podman";
  if (!networks.some((one) => one.name === name)) networks.push(defaultNetwork(name, options.defaultSubnet ?? "10.88.0.0/16"));
  return networks.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fileNames(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return [];
    throw error;
  }
}

function defaultNetwork(name: string, subnet: string): NetworkDefinition {
  const network = completeNetwork(
    { name, driver: "bridge", network_interface: "podman0", subnets: [{ subnet }], dns_enabled: false },
    { present: [], hostSubnets: [], id: DEFAULT_NETWORK_ID, isDefault: true },
  );
  return network;
}

/** By name, by whole id, or by the start of exactly one id. */
function findNetwork(networks: readonly NetworkDefinition[], nameOrId: string): NetworkDefinition | undefined {
  const exact = networks.find((one) => one.name === nameOrId || one.id === nameOrId);
  if (exact !== undefined || nameOrId === "") return exact;
  const matches = networks.filter((one) => one.id.startsWith(nameOrId));
  if (matches.length > 1) throw new ToolError("invalid-argument", `more than one result for network ID ${nameOrId}`, { code: "ambiguous" });
  return matches[0];
}

/** Networks that the host is on: a new bridge must not cover them. */
function hostSubnets(): Subnet[] {
  const connected = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap((one) => (one.cidr === null || one.address.startsWith("fe80:") ? [] : [requireSubnet(one.cidr)]));
  return [...connected, ...localAddresses().map((address) => requireSubnet(`${address}/32`))];
}

/** Not from /sys, which shows the network namespace in which it was mounted. */
function hostInterfaces(): string[] | undefined {
  try {
    const lines = readFileSync("/proc/self/net/dev", "utf8").split("\n").slice(2);
    return lines.flatMap((line) => /^\s*(\S+?):/.exec(line)?.[1] ?? []);
  } catch {
    return undefined;
  }
}
