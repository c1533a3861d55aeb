import { ToolError } from "../errors/tool-error.ts";
import type { NetworkDefinition, NetworkDefinitionInput } from "./backend.ts";
import { formatSubnet, ipFromBytes, parseIp, parseSubnet, requireSubnet, type Subnet, subnetsOverlap } from "./ip-address.ts";
import { NAME_PATTERN, type NetworkSubnet, normalizeSubnets } from "./network-file.ts";
import { checkNetworkOptions } from "./network-options.ts";

/** default_subnet_pools: free networks of `size` bits are taken out of `base`. */
export interface SubnetPool {
  readonly base: string;
  readonly size: number;
}

export interface NetworkContext {
  readonly present: readonly NetworkDefinition[];
  readonly hostSubnets: readonly Subnet[];
  /** Names of the host's interfaces. */
  readonly hostInterfaces?: readonly string[];
  readonly pools?: readonly SubnetPool[];
  readonly id: string;
  readonly isDefault?: boolean;
}

const DEFAULT_POOLS: readonly SubnetPool[] = [
  { base: "10.89.0.0/16", size: 24 },
  { base: "10.90.0.0/15", size: 24 },
  { base: "10.92.0.0/14", size: 24 },
  { base: "10.96.0.0/11", size: 24 },
  { base: "10.128.0.0/9", size: 24 },
];

/** Names that `--network` gives another meaning. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "host",
  "none",
  "bridge",
  "container",
  "private",
  "slirp4netns",
  "pasta",
  "ns",
  "default",
]);

/** Turns what the user asked for into a whole definition: name, interface, free subnets, gateways, the driver's rules. */
export function completeNetwork(input: NetworkDefinitionInput, context: NetworkContext): NetworkDefinition {
  const driver = input.driver ?? "bridge";
  const name = input.name ?? freeInterfaceName(context);
  checkName(name, context.present);
  const isBridge = driver === "bridge";
  const ipam = { ...input.ipam_options };
  if (ipam.driver !== undefined && !["host-local", "dhcp", "none"].includes(ipam.driver))
    throw invalid(`unsupported ipam driver "${ipam.driver}"`);
  const used = context.isDefault === true ? [] : [...usedSubnets(context.present), ...context.hostSubnets];
  const wanted = subnetsFor({ ...input, driver }, ipam, { used, pools: context.pools ?? DEFAULT_POOLS });
  ipam.driver ??= isBridge || wanted.length > 0 ? "host-local" : driver === "macvlan" ? "dhcp" : "none";
  if (driver === "ipvlan" && ipam.driver === "dhcp") throw invalid("ipam driver dhcp is not supported with ipvlan");
  if (ipam.driver !== "host-local" && wanted.length > 0) throw invalid(`${ipam.driver} ipam driver is set but subnets are given`);
  const internal = input.internal ?? false;
  const dns = input.dns_enabled ?? (isBridge && ipam.driver === "host-local");
  if ((input.network_dns_servers?.length ?? 0) > 0 && !dns) {
    throw invalid("cannot set NetworkDNSServers if DNS is not enabled for the network: invalid argument");
  }
  const subnets = normalizeSubnets(wanted, { addGateway: !internal || dns, used });
  return {
    name,
    id: context.id,
    driver,
    network_interface: interfaceFor(input, driver, context),
    created: input.name === undefined && context.isDefault === true ? new Date(0).toISOString() : new Date().toISOString(),
    subnets: subnets.length === 0 ? undefined : subnets,
    routes: input.routes === undefined || input.routes.length === 0 ? undefined : input.routes.map(checkRoute),
    ipv6_enabled: subnets.some((one) => one.subnet.includes(":")),
    internal,
    dns_enabled: dns,
    network_dns_servers: emptyToUndefined(input.network_dns_servers),
    labels: hasKeys(input.labels) ? input.labels : undefined,
    options: hasKeys(input.options) ? checkNetworkOptions(driver, input.options ?? {}) : undefined,
    ipam_options: ipam,
  };
}

function checkName(name: string, present: readonly NetworkDefinition[]): void {
  if (!NAME_PATTERN.test(name))
    throw invalid(`network name ${name} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`);
  if (RESERVED_NAMES.has(name)) throw invalid(`cannot create network with name "${name}" because it conflicts with a valid network mode`);
  if (present.some((one) => one.name === name))
    throw new ToolError("already-exists", `network name ${name} already used: network already exists`);
}

function interfaceFor(input: NetworkDefinitionInput, driver: string, context: NetworkContext): string | undefined {
  const given = input.network_interface;
  if (driver !== "bridge") return given ?? input.options?.parent;
  if (given === undefined) return freeInterfaceName(context);
  if (!NAME_PATTERN.test(given))
    throw invalid(`network interface name ${given} invalid: interface name contains / or : or whitespace characters: invalid argument`);
  if (context.present.some((one) => one.driver === "bridge" && one.network_interface === given))
    throw invalid(`bridge name ${given} already in use`);
  return given;
}

/** podman1, podman2, …: the first that no network has as its name or interface, nor the host for another purpose. */
function freeInterfaceName({ present, hostInterfaces }: NetworkContext): string {
  const taken = new Set([...present.flatMap((one) => [one.name, one.network_interface]), ...(hostInterfaces ?? [])]);
  for (let number = 1; ; number++) {
    if (!taken.has(`podman${number}`)) return `podman${number}`;
  }
}

/** The subnets asked for, and free ones for the families that are missing. Only bridges with address management of ours get any unasked. */
function subnetsFor(
  input: NetworkDefinitionInput,
  ipam: Readonly<Record<string, string>>,
  rules: { used: readonly Subnet[]; pools: readonly SubnetPool[] },
): NetworkSubnet[] {
  const given = [...(input.subnets ?? [])];
  if (input.driver !== "bridge" || (ipam.driver ?? "host-local") !== "host-local") return given;
  const has = (version: 4 | 6) => given.some((one) => parseSubnet(one.subnet)?.base.version === version);
  const ipv6 = input.ipv6_enabled ?? false;
  const added: NetworkSubnet[] = [];
  if (given.length === 0 || (ipv6 && !has(4))) added.push({ subnet: freeSubnet(rules.pools, rules.used) });
  if (ipv6 && !has(6)) added.push({ subnet: freeSubnet6(rules.used) });
  return [...given, ...added];
}

function freeSubnet(pools: readonly SubnetPool[], used: readonly Subnet[]): string {
  for (const pool of pools) {
    const { base, prefix } = requireSubnet(pool.base);
    const step = 1n << BigInt(32 - pool.size);
    for (let index = 0n; index < 1n << BigInt(pool.size - prefix); index++) {
      const candidate: Subnet = { base: { version: base.version, value: base.value + index * step }, prefix: pool.size };
      if (!used.some((one) => subnetsOverlap(one, candidate))) return formatSubnet(candidate);
    }
  }
  throw new ToolError("unavailable", "could not find free subnet from subnet pools");
}

/** A unique local network, RFC 4193: fd and 56 random bits. */
function freeSubnet6(used: readonly Subnet[]): string {
  for (;;) {
    const bytes = Buffer.concat([Buffer.of(0xfd), crypto.getRandomValues(Buffer.alloc(7)), Buffer.alloc(8)]);
    const candidate: Subnet = { base: ipFromBytes(bytes), prefix: 64 };
    if (!used.some((one) => subnetsOverlap(one, candidate))) return formatSubnet(candidate);
  }
}

function usedSubnets(present: readonly NetworkDefinition[]): Subnet[] {
  return present.flatMap((one) => (one.subnets ?? []).map(({ subnet }) => requireSubnet(subnet)));
}

function checkRoute(route: NonNullable<NetworkDefinition["routes"]>[number]): NonNullable<NetworkDefinition["routes"]>[number] {
  if (parseSubnet(route.destination) === undefined) throw invalid(`route destination ip ${route.destination} invalid`);
  if (parseIp(route.gateway) === undefined) throw invalid(`route gateway ip ${route.gateway} invalid`);
  return route;
}

function hasKeys(map: Readonly<Record<string, string>> | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0;
}

function emptyToUndefined<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
