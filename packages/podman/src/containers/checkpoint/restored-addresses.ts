import { readFileSync } from "node:fs";
import type { NetworkStatus } from "@containers/common/network/backend";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";
import { PARTS } from "./archive.ts";
import type { RestoreOptions } from "./restore.ts";

/** What the user asked for at first is not to be had here: it is forgotten for good. */
export function withoutFixedAddresses(engine: Engine, config: ContainerConfig, options: RestoreOptions): ContainerConfig {
  if (options.ignoreStaticIp !== true && options.ignoreStaticMac !== true) return config;
  const networks = Object.entries(config.network.networks).map(([name, { staticMac, ...rest }]) => [
    name,
    {
      ...rest,
      ...(options.ignoreStaticIp === true ? { staticIps: [] } : {}),
      ...(staticMac === undefined || options.ignoreStaticMac === true ? {} : { staticMac }),
    },
  ]);
  const changed = { ...config, network: { ...config.network, networks: Object.fromEntries(networks) } };
  engine.state.containers.setConfig(config.id, changed);
  return changed;
}

export function withOldAddresses(config: ContainerConfig, options: RestoreOptions): ContainerConfig {
  const status = readNetworkStatus(config);
  if (status === undefined || (options.ignoreStaticIp === true && options.ignoreStaticMac === true)) return config;
  const networks = Object.entries(config.network.networks).map(([name, one]) => {
    const { staticMac: _, ...rest } = one;
    const [found] = Object.entries(status[name]?.interfaces ?? {});
    if (found === undefined) return [name, one] as const;
    const [interfaceName, { mac_address, subnets = [] }] = found;
    return [
      name,
      {
        ...rest,
        interfaceName,
        staticIps: options.ignoreStaticIp === true ? [] : subnets.map(({ ipnet }) => ipnet.split("/")[0] ?? ""),
        ...(options.ignoreStaticMac === true ? {} : { staticMac: mac_address }),
      },
    ] as const;
  });
  return { ...config, network: { ...config.network, networks: Object.fromEntries(networks) } };
}

/** Undefined when it was not kept, or is not readable: the container then gets new addresses. */
function readNetworkStatus({ staticDir }: ContainerConfig): Readonly<Record<string, NetworkStatus>> | undefined {
  try {
    const status: unknown = JSON.parse(readFileSync(`${staticDir}/${PARTS.network}`, "utf8"));
    return typeof status === "object" && status !== null ? (status as Record<string, NetworkStatus>) : undefined;
  } catch {
    return undefined;
  }
}
