import { ToolError } from "../errors/tool-error.ts";
import { ipVersion } from "./ip-version.ts";

/** An address as a number: 32 bits for version 4, 128 for version 6. */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly value: bigint;
}

/** A network in CIDR notation; `base` has its host bits cleared. */
export interface Subnet {
  readonly base: IpAddress;
  readonly prefix: number;
}

/** The address, or undefined when the text is none. A version 4 address mapped into version 6 counts as version 4, as in Go. */
export function parseIp(text: string): IpAddress | undefined {
  const version = ipVersion(text);
  if (version === 4) return { version: 4, value: text.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) };
  if (version !== 6 || text.includes("%")) return undefined;
  const value = parseGroups(text);
  return value >> 32n === 0xffffn ? { version: 4, value: value & 0xffffffffn } : { version: 6, value };
}

/** The canonical text: RFC 5952 for version 6. */
export function formatIp(address: IpAddress): string {
  if (address.version === 4) return [24n, 16n, 8n, 0n].map((shift) => (address.value >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => Number((address.value >> BigInt(112 - 16 * index)) & 0xffffn));
  const gap = longestZeroRun(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  return gap === undefined ? text(groups) : `${text(groups.slice(0, gap.start))}::${text(groups.slice(gap.end))}`;
}

/** The address's bytes, 4 or 16, most significant first. */
export function ipBytes(address: IpAddress): Uint8Array {
  const length = address.version === 4 ? 4 : 16;
  return Uint8Array.from({ length }, (_, index) => Number((address.value >> BigInt(8 * (length - 1 - index))) & 255n));
}

/** The reverse of {@link ipBytes}. */
export function ipFromBytes(bytes: Uint8Array): IpAddress {
  return { version: bytes.length === 4 ? 4 : 6, value: bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) };
}

/** `10.1.2.0/24`; the text's host bits need not be zero. Undefined when it is no such notation. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address, length, ...rest] = text.split("/");
  const ip = parseIp(address ?? "");
  if (ip === undefined || length === undefined || rest.length > 0 || !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > bits(ip.version)) return undefined;
  return { base: { version: ip.version, value: ip.value & mask(ip.version, prefix) }, prefix };
}

/** {@link parseSubnet}, or the original's error for flags. */
export function requireSubnet(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet === undefined) throw new ToolError("invalid-argument", `invalid CIDR address: ${text}`);
  return subnet;
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatIp(subnet.base)}/${subnet.prefix}`;
}

export function subnetContains(subnet: Subnet, address: IpAddress): boolean {
  return subnet.base.version === address.version && (address.value & mask(address.version, subnet.prefix)) === subnet.base.value;
}

export function subnetsOverlap(a: Subnet, b: Subnet): boolean {
  return subnetContains(a, b.base) || subnetContains(b, a.base);
}

/** The first address after the network's own, by custom the gateway's; of a network of one address, that one. */
export function firstAddress(subnet: Subnet): IpAddress {
  return subnet.prefix === bits(subnet.base.version) ? subnet.base : nextIp(subnet.base);
}

/** The highest address; in version 4 the broadcast address. */
export function lastAddress(subnet: Subnet): IpAddress {
  const { version, value } = subnet.base;
  return { version, value: value + (1n << BigInt(bits(version) - subnet.prefix)) - 1n };
}

export function nextIp(address: IpAddress, by = 1n): IpAddress {
  return { version: address.version, value: address.value + by };
}

function bits(version: 4 | 6): number {
  return version === 4 ? 32 : 128;
}

function mask(version: 4 | 6, prefix: number): bigint {
  const width = BigInt(bits(version));
  return ((1n << width) - 1n) ^ ((1n << (width - BigInt(prefix))) - 1n);
}

/** Text that node:net has accepted as version 6. */
function parseGroups(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = parseIp(dotted?.[2] ?? "")?.value ?? 0n;
  const plain = dotted === null ? text : `${dotted[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [before = "", after] = plain.split("::");
  const head = before === "" ? [] : before.split(":");
  const end = after === undefined || after === "" ? [] : after.split(":");
  const zeros = Array.from({ length: 8 - head.length - end.length }, () => "0");
  return [...head, ...zeros, ...end].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function longestZeroRun(groups: readonly number[]): { start: number; end: number } | undefined {
  let best: { start: number; end: number } | undefined;
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > 1 && end - start > (best === undefined ? 0 : best.end - best.start)) best = { start, end };
    start = Math.max(start, end - 1);
  }
  return best;
}
