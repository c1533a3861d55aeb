import type { NetworkDefinition } from "@containers/common/network/backend";

/** A network with the names that templates use; the JSON keys are the definition's own. */
export function templateNetwork(network: NetworkDefinition): Record<string, unknown> {
  const fields = {
    Name: network.name,
    ID: network.id,
    Driver: network.driver,
    NetworkInterface: network.network_interface ?? "",
    Created: new Date(network.created),
    Subnets: (network.subnets ?? []).map((one) => ({
      Subnet: one.subnet,
      Gateway: one.gateway ?? null,
      LeaseRange: leaseRange(one.lease_range),
    })),
    Routes: (network.routes ?? []).map((one) => ({ Destination: one.destination, Gateway: one.gateway, Metric: one.metric ?? null })),
    IPv6Enabled: network.ipv6_enabled,
    Internal: network.internal,
    DNSEnabled: network.dns_enabled,
    NetworkDNSServers: network.network_dns_servers ?? [],
    Labels: mapOf(network.labels),
    Options: mapOf(network.options),
    IPAMOptions: mapOf(network.ipam_options),
  };
  return { ...fields, Network: fields };
}

/** A network's JSON: the file's keys, maps sorted as Go prints them. */
export function jsonNetwork(network: NetworkDefinition): object {
  const sorted = (map: Readonly<Record<string, string>> | undefined) => (map === undefined ? undefined : mapOf(map));
  return { ...network, labels: sorted(network.labels), options: sorted(network.options), ipam_options: sorted(network.ipam_options) };
}

/** `a=b,c=`: labels in one column. */
export function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");
}

function leaseRange(range: { readonly start_ip?: string; readonly end_ip?: string } | undefined): object | null {
  return range === undefined ? null : { StartIP: range.start_ip ?? null, EndIP: range.end_ip ?? null };
}

function mapOf(record: Readonly<Record<string, string>> | undefined): Map<string, string> {
  return new Map(Object.entries(record ?? {}));
}
