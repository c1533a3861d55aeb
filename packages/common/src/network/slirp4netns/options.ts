import { ToolError } from "../../errors/tool-error.ts";
import { formatIp, nextIp, parseSubnet, type Subnet } from "../ip-address.ts";
import { ipVersion } from "../ip-version.ts";

/** `--network slirp4netns:KEY=VALUE,…` and containers.conf's network_cmd_options. */
export interface SlirpOptions {
  readonly subnet: Subnet;
  readonly allowHostLoopback: boolean;
  readonly ipv6: boolean;
  readonly mtu: number;
  readonly outboundAddr?: string;
  readonly outboundAddr6?: string;
}

const DEFAULT_SUBNET = "10.0.2.0/24";
const DEFAULT_MTU = 65520;

/** Parses `key=value` options; later ones win. */
export function parseSlirpOptions(options: readonly string[]): SlirpOptions {
  let parsed: SlirpOptions = { subnet: requireIpv4(DEFAULT_SUBNET), allowHostLoopback: false, ipv6: true, mtu: DEFAULT_MTU };
  for (const option of options) {
    const at = option.indexOf("=");
    if (at < 0) throw invalid(`unknown option for slirp4netns: "${option}"`);
    parsed = { ...parsed, ...parseOption(option.slice(0, at), option.slice(at + 1)) };
  }
  return parsed;
}

function parseOption(key: string, value: string): Partial<SlirpOptions> {
  switch (key) {
    case "cidr":
      return { subnet: requireIpv4(value) };
    case "port_handler":
      // Both names are accepted; either way slirp4netns itself forwards.
      if (value !== "slirp4netns" && value !== "rootlesskit") throw invalid(`unknown port_handler for slirp4netns: "${value}"`);
      return {};
    case "allow_host_loopback":
      return { allowHostLoopback: requireBoolean(key, value) };
    case "enable_ipv6":
      return { ipv6: requireBoolean(key, value) };
    case "outbound_addr":
      if (ipVersion(value) !== 4 && !isInterface(value)) throw invalid(`invalid outbound_addr "${value}"`);
      return { outboundAddr: value };
    case "outbound_addr6":
      if (ipVersion(value) !== 6 && !isInterface(value)) throw invalid(`invalid outbound_addr6: "${value}"`);
      return { outboundAddr6: value };
    case "mtu":
      if (!/^\d+$/.test(value) || Number(value) < 68) throw invalid(`invalid mtu "${value}"`);
      return { mtu: Number(value) };
    default:
      throw invalid(`unknown option for slirp4netns: "${key}=${value}"`);
  }
}

/** The addresses that slirp4netns gives out, counted from its network's own. */
export function slirpAddresses(options: SlirpOptions): { readonly gateway: string; readonly dns: string; readonly guest: string } {
  const at = (offset: bigint) => formatIp(nextIp(options.subnet.base, offset));
  return { gateway: at(2n), dns: at(3n), guest: at(100n) };
}

/** The command line up to the namespace; descriptor 3 gets a byte when the network is up. */
export function slirpArguments(options: SlirpOptions, netnsPath: string, apiSocket: string | undefined): string[] {
  const { base, prefix } = options.subnet;
  return [
    ...(options.allowHostLoopback ? [] : ["--disable-host-loopback"]),
    `--mtu=${options.mtu}`,
    "--enable-sandbox",
    "--enable-seccomp",
    ...(`${formatIp(base)}/${prefix}` === DEFAULT_SUBNET ? [] : [`--cidr=${formatIp(base)}/${prefix}`]),
    ...(options.ipv6 ? ["--enable-ipv6"] : []),
    ...(options.outboundAddr === undefined ? [] : [`--outbound-addr=${options.outboundAddr}`]),
    ...(options.outboundAddr6 === undefined ? [] : [`--outbound-addr6=${options.outboundAddr6}`]),
    "-c",
    "-r",
    "3",
    ...(apiSocket === undefined ? [] : ["--api-socket", apiSocket]),
    "--netns-type=path",
    netnsPath,
    "tap0",
  ];
}

function requireIpv4(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet === undefined || subnet.base.version !== 4) throw invalid(`invalid cidr "${text}"`);
  return subnet;
}

function requireBoolean(key: string, value: string): boolean {
  if (value === "true") return true;
  if (value === "false") return false;
  throw invalid(`invalid value of ${key} for slirp4netns: "${value}"`);
}

function isInterface(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,15}$/.test(name);
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
