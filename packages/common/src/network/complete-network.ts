import { ToolError } from "../errors/tool-error.ts";
import type { NetworkDefinition, NetworkDefinitionInput } from "./backend.ts";
import { formatSubnet, ipFromBytes, parseIp, parseSubnet, requireSubnet, type Subnet, subnetsOverlap } from "./ip-address.ts";
import { NAME_PATTERN, type NetworkSubnet, normalizeSubnets } from "./network-file.ts";
import { checkNetworkOptions, settleOptionNames } from "./network-options.ts";

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
export function completeNetwork(asked: NetworkDefinitionInput, context: NetworkContext): NetworkDefinition {
  const driver = asked.driver ?? "bridge";
  const named = settleOptionNames(driver, asked.options ?? {});
  const name = asked.name ?? freeInterfaceName(context);
  checkName(name, context.present);
  const input = { ...asked, driver, name, network_interface: named.networkInterface ?? asked.network_interface };
  if (input.network_interface !== undefined && input.network_interface !== "") checkInterfaceName(input.network_interface);
  checkIpamDriver(input);
  const options = checkNetworkOptions(driver, named.options);
  // Networks with VLANs, and those on a bridge of the user's, may be on one bridge and have the same addresses.
  const shares = driver === "bridge" && (options.vlan !== undefined || options.mode === "unmanaged");
  const used = driver !== "bridge" || shares || context.isDefault === true ? [] : [...usedSubnets(context.present), ...context.hostSubnets];
  const networkInterface = interfaceFor(input, context, shares);
  const wanted = subnetsFor(input, { used, pools: context.pools ?? DEFAULT_POOLS });
  const ipam = { ...input.ipam_options, driver: ipamDriverOf(input, wanted) };
  const internal = input.internal ?? false;
  const dns = !isLan(driver) && ipam.driver !== "none" && (input.dns_enabled ?? true);
  checkDnsServers(input.network_dns_servers ?? [], dns);
  const subnets = normalizeSubnets(wanted, { addGateway: !internal || dns, used });
  return {
    name,
    id: context.id,
    driver,
    network_interface: networkInterface,
    created: asked.name === undefined && context.isDefault === true ? new Date(0).toISOString() : new Date().toISOString(),
    subnets: subnets.length === 0 ? undefined : subnets,
    routes: input.routes === undefined || input.routes.length === 0 ? undefined : input.routes.map(checkRoute),
    ipv6_enabled: input.ipv6_enabled === true || subnets.some((one) => one.subnet.includes(":")),
    internal,
    dns_enabled: dns,
    network_dns_servers: emptyToUndefined(input.network_dns_servers),
    labels: hasKeys(input.labels) ? input.labels : undefined,
    options: hasKeys(options) ? options : undefined,
    ipam_options: ipam,
  };
}

/** A driver that works on an interface of the host's. */
function isLan(driver: string): boolean {
  return driver === "macvlan" || driver === "ipvlan";
}

function checkIpamDriver({ ipam_options: ipam, subnets }: NetworkDefinitionInput): void {
  const driver = ipam?.driver ?? "";
  if (!["", "host-local", "dhcp", "none"].includes(driver)) throw invalid(`unsupported ipam driver "${driver}"`);
  if (driver === "none" && (subnets?.length ?? 0) > 0) throw invalid("none ipam driver is set but subnets are given");
}

/** Who hands the addresses out, where the user leaves that open: we do, from subnets; without any, the parent's network. */
function ipamDriverOf({ driver = "bridge", ipam_options: ipam }: NetworkDefinitionInput, subnets: readonly NetworkSubnet[]): string {
  const given = ipam?.driver ?? "";
  if (!isLan(driver)) return given === "" ? "host-local" : given;
  const chosen = given !== "" ? given : subnets.length > 0 ? "host-local" : "dhcp";
  if (chosen === "host-local" && subnets.length === 0)
    throw invalid(`${driver} driver needs at least one subnet specified when the host-local ipam driver is set`);
  if (chosen === "dhcp" && driver === "ipvlan") throw invalid("ipam driver dhcp is not supported with ipvlan");
  if (chosen === "dhcp" && subnets.length > 0) throw invalid("ipam driver dhcp set but subnets are set");
  return chosen;
}

function checkDnsServers(servers: readonly string[], dns: boolean): void {
  if (servers.length > 0 && !dns) throw invalid("cannot set NetworkDNSServers if DNS is not enabled for the network: invalid argument");
  const bad = servers.find((server) => parseIp(server) === undefined);
  if (bad !== undefined) throw invalid(`unable to parse ip ${bad} specified in NetworkDNSServers: invalid argument`);
}

function checkName(name: string, present: readonly NetworkDefinition[]): void {
  if (!NAME_PATTERN.test(name))
    throw invalid(`network name ${name} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`);
  if (RESERVED_NAMES.has(name)) throw invalid(`cannot create network with name "${name}" because it conflicts with a valid network mode`);
  if (present.some((one) => one.name === name))
    throw new ToolError("already-exists", `network name ${name} already used: network already exists`);
}

/** What the kernel takes as an interface's name. */
function checkInterfaceName(name: string): void {
  const problem =
    name.length > 15
      ? "interface name is too long: interface names must be 15 characters or less"
      : name === "." || name === ".."
        ? "interface name is . or .."
        : /[/:\s]/.test(name)
          ? "interface name contains / or : or whitespace characters"
          : undefined;
  if (problem !== undefined) throw invalid(`network interface name ${name} invalid: ${problem}: invalid argument`);
}

function interfaceFor(input: NetworkDefinitionInput & { readonly driver: string }, context: NetworkContext, shares: boolean) {
  const given = input.network_interface === "" ? undefined : input.network_interface;
  if (isLan(input.driver) && given !== undefined && context.hostInterfaces?.includes(given) === false)
    throw invalid(`parent interface ${given} does not exist`);
  if (input.driver !== "bridge") return given;
  if (given === undefined) return freeInterfaceName(context);
  if (!shares && context.present.some((one) => one.driver === "bridge" && one.network_interface === given))
    throw invalid(`bridge name ${given} already in use`);
  if (!NAME_PATTERN.test(given))
    throw invalid(`bridge name ${given} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`);
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
function subnetsFor(input: NetworkDefinitionInput, rules: { used: readonly Subnet[]; pools: readonly SubnetPool[] }): NetworkSubnet[] {
  const given = [...(input.subnets ?? [])];
  if (input.driver !== "bridge" || !["", "host-local"].includes(input.ipam_options?.driver ?? "")) return given;
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
  const destination = parseSubnet(route.destination);
  if (destination === undefined) throw invalid(`route destination ip ${route.destination} invalid`);
  // A network, not an address in one.
  if (parseIp(route.destination.replace(/\/.*/, ""))?.value !== destination.base.value) throw invalid("route destination invalid");
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
