import { ToolError } from "@containers/common/errors/tool-error";
import type { NetworkDefinition } from "@containers/common/network/backend";
import { formatIp, lastAddress, nextIp, parseIp, requireSubnet, type Subnet, subnetContains } from "@containers/common/network/ip-address";

type NetworkSubnet = NonNullable<NetworkDefinition["subnets"]>[number];
type Route = NonNullable<NetworkDefinition["routes"]>[number];

export interface SubnetFlags {
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
  readonly ranges: readonly string[];
}

/** `--subnet`, `--gateway` and `--ip-range` belong together in their order. */
export function subnetsFromFlags(flags: SubnetFlags): NetworkSubnet[] {
  if (flags.subnets.length === 0) {
    if (flags.gateways.length > 0 || flags.ranges.length > 0) throw invalid("cannot set gateway or range without subnet");
    return [];
  }
  if (flags.gateways.length > flags.subnets.length) throw invalid("cannot set more gateways than subnets");
  if (flags.ranges.length > flags.subnets.length) throw invalid("cannot set more ranges than subnets");
  return flags.subnets.map((subnet, index) => {
    const [gateway, range] = [flags.gateways[index], flags.ranges[index]];
    requireSubnet(subnet);
    return {
      subnet,
      ...(gateway === undefined ? {} : { gateway }),
      ...(range === undefined ? {} : { lease_range: parseLeaseRange(range) }),
    };
  });
}

/** `START-END`, or a network of which all addresses but its own may be given out. */
function parseLeaseRange(text: string): NonNullable<NetworkSubnet["lease_range"]> {
  const [start, end, ...more] = text.split("-");
  if (end === undefined) {
    const range = requireSubnet(text);
    return { start_ip: formatIp(nextIp(range.base)), end_ip: formatIp(lastAddress(range)) };
  }
  if (more.length > 0 || parseIp(start ?? "") === undefined) throw invalid(`range start ip "${start}" is not a ip address`);
  if (parseIp(end) === undefined) throw invalid(`range end ip "${end}" is not a ip address`);
  return { start_ip: start, end_ip: end };
}

/** `DESTINATION,GATEWAY[,METRIC]`. */
export function parseRoute(text: string): Route {
  const [destination = "", gateway, metric, ...more] = text.split(",");
  if (gateway === undefined || more.length > 0) {
    const format = "Format: --route <destination in CIDR>,<gateway>,<metric (optional)>";
    throw new ToolError("invalid-argument", `invalid route: ${text}\n${format}`, { code: "verbatim" });
  }
  const network: Subnet | undefined = parseDestination(destination);
  if (network === undefined) throw invalid(`invalid route destination ${destination}`);
  if (parseIp(gateway) === undefined) throw invalid(`invalid route gateway ${gateway}`);
  if (metric !== undefined && !/^\d+$/.test(metric)) throw invalid(`invalid route metric ${metric}`);
  return { destination, gateway, ...(metric === undefined ? {} : { metric: Number(metric) }) };
}

function parseDestination(text: string): Subnet | undefined {
  try {
    const subnet = requireSubnet(text);
    return subnetContains(subnet, subnet.base) ? subnet : undefined;
  } catch {
    return undefined;
  }
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
