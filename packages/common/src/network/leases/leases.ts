import { ToolError } from "../../errors/tool-error.ts";
import type { NetworkDefinition, PerNetworkOptions } from "../backend.ts";
import {
  formatIp,
  type IpAddress,
  ipBytes,
  ipFromBytes,
  lastAddress,
  nextIp,
  parseIp,
  requireSubnet,
  type Subnet,
  subnetContains,
} from "../ip-address.ts";
import type { Bucket } from "./bolt-format.ts";
import { updateLeases } from "./lease-database.ts";

/** In a network's bucket: container id → JSON list of its addresses. Beside it, one bucket per subnet: address → container id. */
const IDS = "ids";
/** In a subnet's bucket; neither 4 nor 16 bytes long, so it is no address. */
const LAST_IP = "lastIP";

/** What a container wants on one network. */
export interface LeaseRequest {
  readonly network: NetworkDefinition;
  readonly options: PerNetworkOptions;
}

/**
 * Reserves an address of every subnet of every network, the asked-for ones where there are any; all or none.
 * Addresses follow each other round the range, so that a freed one is not reused at once. Returns them by network name.
 */
export function allocateLeases(path: string, containerId: string, requests: readonly LeaseRequest[]): Record<string, string[]> {
  const ours = requests.filter(({ network }) => needsLease(network));
  if (ours.length === 0) return {};
  return updateLeases(path, (root) => ({
    result: Object.fromEntries(ours.map((request) => [request.network.name, allocateOn(root, containerId, request)])),
    save: true,
  }));
}

/** The addresses that a container holds, by network name. */
export function assignedLeases(path: string, containerId: string, networks: readonly NetworkDefinition[]): Record<string, string[]> {
  const ours = networks.filter(needsLease);
  if (ours.length === 0) return {};
  return updateLeases(path, (root) => ({
    result: Object.fromEntries(ours.map((network) => [network.name, assignedOn(root, containerId, network.name)])),
    save: false,
  }));
}

/** Gives back whatever the container holds on the networks; does nothing where it holds nothing. */
export function releaseLeases(path: string, containerId: string, networkNames: readonly string[]): void {
  updateLeases(path, (root) => {
    const removed = networkNames.map((name) => releaseOn(root, containerId, name));
    return { result: undefined, save: removed.includes(true) };
  });
}

/** How many networks all containers together hold addresses of. */
export function countLeases(path: string): number {
  return updateLeases(path, (root) => ({ result: [...root.values()].reduce((sum, network) => sum + holders(network), 0), save: false }));
}

/** Forgets a removed network. */
export function dropNetworkLeases(path: string, networkName: string): void {
  updateLeases(path, (root) => ({ result: undefined, save: root.delete(networkName) }));
}

/** Addresses come from here for the driver host-local (or none named) and only where there are subnets; `dhcp` and `none` have none. */
export function needsLease(network: NetworkDefinition): boolean {
  const driver = network.ipam_options?.driver ?? "";
  return (driver === "" || driver === "host-local") && (network.subnets?.length ?? 0) > 0;
}

function allocateOn(root: Bucket, containerId: string, { network, options }: LeaseRequest): string[] {
  const bucket = subBucket(root, network.name);
  // A container that was killed before its teardown still holds its old addresses.
  releaseOn(root, containerId, network.name);
  const wanted = (options.staticIps ?? []).map((text) => requireIp(text));
  const given = (network.subnets ?? []).flatMap((definition) => {
    const subnet = requireSubnet(definition.subnet);
    const leases = subBucket(bucket, definition.subnet);
    const fixed = wanted.filter((address) => subnetContains(subnet, address));
    for (const address of fixed) refuseTaken(leases, address);
    const addresses = fixed.length > 0 ? fixed : [freeAddress(leases, subnet, definition)];
    for (const address of addresses) leases.set(keyOf(address), Buffer.from(containerId));
    const [first] = addresses;
    if (fixed.length === 0 && first !== undefined) leases.set(LAST_IP, ipBytes(first));
    return addresses.map(formatIp);
  });
  refuseOutside(network, wanted.map(formatIp), given);
  subBucket(bucket, IDS).set(containerId, Buffer.from(JSON.stringify(given)));
  return given;
}

function refuseTaken(leases: Bucket, address: IpAddress): void {
  const holder = leases.get(keyOf(address));
  if (holder === undefined || holder instanceof Map) return;
  throw new ToolError(
    "in-use",
    `IPAM error: requested ip address ${formatIp(address)} is already allocated to container ID ${Buffer.from(holder).toString()}`,
  );
}

function refuseOutside(network: NetworkDefinition, wanted: readonly string[], given: readonly string[]): void {
  const outside = wanted.find((address) => !given.includes(address));
  if (outside === undefined) return;
  throw new ToolError("invalid-argument", `requested static ip ${outside} not in any subnet on network ${network.name}`);
}

function freeAddress(leases: Bucket, subnet: Subnet, definition: NonNullable<NetworkDefinition["subnets"]>[number]): IpAddress {
  const first = nextIp(subnet.base);
  const last = lastAddress(subnet);
  const from = parseIp(definition.lease_range?.start_ip ?? "") ?? first;
  const until = parseIp(definition.lease_range?.end_ip ?? "") ?? last;
  const start = from.value < first.value ? first : from;
  // The last address of a version 4 network is its broadcast address.
  const end = until.version === 4 && until.value === last.value ? nextIp(last, -1n) : until;
  const gateway = parseIp(definition.gateway ?? "");
  const before = leases.get(LAST_IP);
  const resume = before === undefined || before instanceof Map ? start.value : ipFromBytes(before).value + 1n;
  const size = end.value - start.value + 1n;
  const offset = resume >= start.value && resume <= end.value ? resume - start.value : 0n;
  for (let step = 0n; step < size; step++) {
    const candidate: IpAddress = { version: start.version, value: start.value + ((offset + step) % size) };
    if (candidate.value !== gateway?.value && !leases.has(keyOf(candidate))) return candidate;
  }
  throw new ToolError("unavailable", `IPAM error: failed to find free IP in range: ${formatIp(start)} - ${formatIp(end)}`);
}

function assignedOn(root: Bucket, containerId: string, networkName: string): string[] {
  const network = root.get(networkName);
  const ids = network instanceof Map ? network.get(IDS) : undefined;
  const list = ids instanceof Map ? ids.get(containerId) : undefined;
  if (list === undefined || list instanceof Map) return [];
  const parsed: unknown = JSON.parse(Buffer.from(list).toString());
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

function holders(network: Bucket | Uint8Array): number {
  const ids = network instanceof Map ? network.get(IDS) : undefined;
  return ids instanceof Map ? ids.size : 0;
}

function releaseOn(root: Bucket, containerId: string, networkName: string): boolean {
  const network = root.get(networkName);
  if (!(network instanceof Map)) return false;
  let removed = false;
  for (const [name, leases] of network) {
    if (!(leases instanceof Map)) continue;
    if (name === IDS) {
      removed = leases.delete(containerId) || removed;
      continue;
    }
    for (const [address, holder] of leases) {
      if (address === LAST_IP || holder instanceof Map || Buffer.from(holder).toString() !== containerId) continue;
      leases.delete(address);
      removed = true;
    }
  }
  return removed;
}

function subBucket(bucket: Bucket, name: string): Bucket {
  const found = bucket.get(name);
  if (found instanceof Map) return found;
  const made: Bucket = new Map();
  bucket.set(name, made);
  return made;
}

function keyOf(address: IpAddress): string {
  return Buffer.from(ipBytes(address)).toString("latin1");
}

function requireIp(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new ToolError("invalid-argument", `invalid IP address ${text}`);
  return address;
}
