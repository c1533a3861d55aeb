import { ToolError } from "../../errors/tool-error.ts";
import { parseIp } from "../ip-address.ts";
import type { PortMapping } from "../port-mapping.ts";

/** Inside the namespace: queries sent here go to the host's name server. Link-local, so it collides with nobody. */
export const DNS_FORWARD = "169.254.1.1";
/** Inside the namespace: this reaches the host itself (`host.containers.internal`). */
export const MAP_GUEST_ADDRESS = "169.254.1.2";

export interface PastaOptions {
  readonly netnsPath: string;
  readonly ports?: readonly PortMapping[];
  /** pasta_options of containers.conf, then those of `--network pasta:…`. */
  readonly options?: readonly string[];
}

export interface PastaArguments {
  readonly args: readonly string[];
  readonly dnsForward: readonly string[];
  readonly mapGuest: readonly string[];
}

/** Each pair of options that, when the user gave neither, is switched off. */
const PORT_OPTIONS: ReadonlyArray<readonly [short: string, long: string]> = [
  ["-t", "--tcp-ports"],
  ["-u", "--udp-ports"],
  ["-T", "--tcp-ns"],
  ["-U", "--udp-ns"],
];

/**
 * pasta's command line for a namespace, as the original builds it: everything off that was not asked for. With
 * `mapGuest` false the option is left out, for versions before 2024-08.
 */
export function pastaArguments(options: PastaOptions, mapGuest = true): PastaArguments {
  const user = options.options ?? [];
  const given = user.filter((option) => option !== "--map-gw");
  const forwards = (options.ports ?? []).flatMap(forward);
  const all = [...given, ...forwards];
  const dns = valuesOf(given, "--dns-forward");
  const guest = valuesOf(given, "--map-guest-addr");
  const args = ["--config-net", ...all];
  if (dns.length === 0) args.push("--dns-forward", DNS_FORWARD);
  for (const [short, long] of PORT_OPTIONS) {
    if (!all.includes(short) && !all.includes(long)) args.push(short, "none");
  }
  if (!user.includes("--map-gw")) args.push("--no-map-gw");
  if (!["-d", "--debug", "--trace"].some((option) => given.includes(option))) args.push("--quiet");
  args.push("--netns", options.netnsPath);
  if (mapGuest && guest.length === 0) args.push("--map-guest-addr", MAP_GUEST_ADDRESS);
  return {
    args,
    dnsForward: dns.length === 0 ? [DNS_FORWARD] : dns,
    mapGuest: guest.length > 0 ? guest : mapGuest ? [MAP_GUEST_ADDRESS] : [],
  };
}

function forward(port: PortMapping): string[] {
  if (port.protocol === "sctp") throw new ToolError("unsupported", "can't forward protocol: sctp");
  const address = port.host_ip === "" ? "" : `${port.host_ip}/`;
  const span = (first: number) => `${first}-${first + port.range - 1}`;
  return [port.protocol === "tcp" ? "-t" : "-u", `${address}${span(port.host_port)}:${span(port.container_port)}`];
}

function valuesOf(options: readonly string[], name: string): string[] {
  return options.flatMap((option, index) => (option === name ? (options[index + 1] ?? []) : []));
}

/** Addresses of the families that the namespace has. */
export function ofFamilies(addresses: readonly string[], families: { readonly ipv4: boolean; readonly ipv6: boolean }): string[] {
  return addresses.filter((address) => (parseIp(address)?.version === 6 ? families.ipv6 : families.ipv4));
}
