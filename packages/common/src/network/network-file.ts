import { describeError, ToolError } from "../errors/tool-error.ts";
import type { NetworkDefinition } from "./backend.ts";
import { firstAddress, formatIp, formatSubnet, parseIp, parseSubnet, type Subnet, subnetContains, subnetsOverlap } from "./ip-address.ts";

/** What may name a container, volume or network. */
export const NAME_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export interface NetworkSubnet {
  readonly subnet: string;
  readonly gateway?: string;
  readonly lease_range?: { readonly start_ip?: string; readonly end_ip?: string };
}

/**
 * Reads one `NAME.json`. Anybody with an editor may have written it, so everything that is used later is checked here;
 * gateways that were left out are filled in as the original does.
 */
export function parseNetworkFile(text: string, fileName: string): NetworkDefinition {
  const refuse = (why: string) => new ToolError("corrupt", `network file ${fileName}: ${why}`);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw refuse(describeError(error));
  }
  if (!isRecord(data)) throw refuse("not a JSON object");
  const name = data.name;
  if (typeof name !== "string" || `${name}.json` !== fileName) throw refuse(`the name inside is ${JSON.stringify(name)}`);
  if (!NAME_PATTERN.test(name)) throw refuse("invalid name");
  if (typeof data.id !== "string" || !/^[0-9a-f]{64}$/.test(data.id)) throw refuse(`invalid id ${JSON.stringify(data.id)}`);
  if (typeof data.driver !== "string") throw refuse("no driver");
  const internal = data.internal === true;
  const dns = data.dns_enabled === true;
  const subnets = normalizeSubnets(subnetsOf(data.subnets), { addGateway: !internal || dns, used: [] });
  return {
    name,
    id: data.id,
    driver: data.driver,
    network_interface: stringOf(data.network_interface),
    created: stringOf(data.created) ?? "0001-01-01T00:00:00Z",
    subnets: subnets.length === 0 ? undefined : subnets,
    routes: Array.isArray(data.routes) ? (data.routes.filter(isRecord) as unknown as NetworkDefinition["routes"]) : undefined,
    ipv6_enabled: data.ipv6_enabled === true || subnets.some((one) => one.subnet.includes(":")),
    internal,
    dns_enabled: dns,
    network_dns_servers: Array.isArray(data.network_dns_servers) ? data.network_dns_servers.map(String) : undefined,
    labels: stringMap(data.labels),
    options: stringMap(data.options),
    ipam_options: stringMap(data.ipam_options) ?? {},
  };
}

/** The file's text, with the original's key order and indentation. */
export function formatNetworkFile(network: NetworkDefinition): string {
  return `${JSON.stringify(network, null, 5)}\n`;
}

/**
 * Checks subnets against each other, against those in use, and their gateways and lease ranges against themselves;
 * fills in gateways (the first address).
 */
export function normalizeSubnets(
  subnets: readonly NetworkSubnet[],
  rules: { addGateway: boolean; used: readonly Subnet[] },
): NetworkSubnet[] {
  const parsed = subnets.map((one) => ({ one, subnet: requireValid(one.subnet) }));
  for (const [index, { subnet }] of parsed.entries()) {
    for (const other of parsed.slice(index + 1)) {
      if (formatSubnet(subnet) === formatSubnet(other.subnet)) throw invalid(`duplicate subnets detected: ${formatSubnet(subnet)}`);
      if (subnetsOverlap(subnet, other.subnet)) {
        throw invalid(`overlapping subnets detected: ${formatSubnet(subnet)} and ${formatSubnet(other.subnet)}`);
      }
    }
    if (rules.used.some((used) => subnetsOverlap(used, subnet))) {
      throw invalid(`subnet ${formatSubnet(subnet)} is already used on the host or by another config`);
    }
  }
  return parsed.map(({ one, subnet }) => normalizeSubnet(one, subnet, rules.addGateway));
}

function normalizeSubnet(one: NetworkSubnet, subnet: Subnet, addGateway: boolean): NetworkSubnet {
  const within = (text: string | undefined, what: string): string | undefined => {
    if (text === undefined || text === "") return undefined;
    const address = parseIp(text);
    if (address === undefined) throw invalid(`invalid ${what} ${text}`);
    if (!subnetContains(subnet, address)) throw invalid(`${what} ${text} not in subnet ${formatSubnet(subnet)}`);
    return formatIp(address);
  };
  const gateway = within(one.gateway, "gateway") ?? (addGateway ? formatIp(firstAddress(subnet)) : undefined);
  const start = within(one.lease_range?.start_ip, "lease range start ip");
  const end = within(one.lease_range?.end_ip, "lease range end ip");
  return {
    subnet: formatSubnet(subnet),
    ...(gateway === undefined ? {} : { gateway }),
    ...(start === undefined && end === undefined
      ? {}
      : { lease_range: { ...(start === undefined ? {} : { start_ip: start }), ...(end === undefined ? {} : { end_ip: end }) } }),
  };
}

function requireValid(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet === undefined) throw invalid(`subnet invalid: ${text}`);
  return subnet;
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}

function subnetsOf(value: unknown): NetworkSubnet[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isRecord).map((one) => {
    const range = isRecord(one.lease_range) ? one.lease_range : undefined;
    return {
      subnet: String(one.subnet),
      gateway: stringOf(one.gateway),
      lease_range: range === undefined ? undefined : { start_ip: stringOf(range.start_ip), end_ip: stringOf(range.end_ip) },
    };
  });
}

function stringOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function stringMap(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
