import { ToolError } from "@containers/common/errors/tool-error";
import type { PortMapping } from "@containers/common/network/port-mapping";
import type { NetworkAttachment, NetworkMode, NetworkSpec } from "../../container-spec/network-spec.ts";
import type { SpecGenerator } from "./spec-generator-shape.ts";

type WirePort = NonNullable<SpecGenerator["portmappings"]>[number];
type WireNetworks = SpecGenerator["Networks"];

/** The network of a SpecGenerator. */
export function readNetwork(wire: SpecGenerator): NetworkSpec {
  const networks = readAttachments(wire.Networks, wire.cni_networks);
  const mode = readNetworkMode(wire.netns);
  if (Object.keys(networks).length > 0 && mode !== undefined && mode.kind !== "bridge") {
    const message = "invalid config provided: networks and static ip/mac address can only be used with Bridge mode networking";
    throw new ToolError("invalid-argument", message);
  }
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(Object.keys(networks).length === 0 ? {} : { networks }),
    modeOptions: mode === undefined ? [] : (wire.network_options?.[mode.kind] ?? []),
    ports: readPorts(wire.portmappings),
    publishAll: wire.publish_image_ports,
    expose: Object.entries(wire.expose ?? {}).flatMap(([port, protocols]) =>
      (protocols === "" ? "tcp" : protocols).split(",").map((protocol) => `${port}/${protocol.trim()}`),
    ),
    dns: wire.use_image_resolve_conf === true ? ["none"] : wire.dns_server,
    dnsSearch: wire.dns_search,
    dnsOptions: wire.dns_option,
    addHosts: wire.hostadd,
    noHosts: wire.use_image_hosts,
    noHostname: wire.use_image_hostname,
    hostsFile: wire.base_hosts_file === "" ? undefined : wire.base_hosts_file,
  };
}

/** `{nsmode, value}` of `netns`; undefined for the default, and for that of the pod. */
export function readNetworkMode(namespace: SpecGenerator["netns"]): NetworkMode | undefined {
  const { nsmode = "", value = "" } = namespace ?? {};
  switch (nsmode) {
    case "":
    case "default":
    case "pod":
      return undefined;
    case "bridge":
    case "host":
    case "none":
    case "private":
    case "pasta":
    case "slirp4netns":
      return { kind: nsmode };
    case "container":
      if (value !== "") return { kind: "container", container: value };
      break;
    case "path":
      if (value !== "") return { kind: "path", path: value };
      break;
    default:
      break;
  }
  throw new ToolError("invalid-argument", `invalid config provided: invalid network ${JSON.stringify(nsmode)}`);
}

/** Networks to join, by name. */
export function readAttachments(networks: WireNetworks, names: readonly string[] = []): Readonly<Record<string, NetworkAttachment>> {
  const found: Record<string, NetworkAttachment> = Object.fromEntries(names.map((name) => [name, {}]));
  for (const [name, options] of Object.entries(networks ?? {})) found[name] = readAttachment(options);
  return found;
}

/** How one network is joined. */
export function readAttachment(options: NonNullable<WireNetworks>[string] = {}): NetworkAttachment {
  const { static_ips: staticIps = [], static_mac: mac, interface_name: interfaceName, aliases = [], options: own = {} } = options;
  return {
    ...(staticIps.length === 0 ? {} : { staticIps }),
    aliases,
    options: own,
    ...(interfaceName === undefined || interfaceName === "" ? {} : { interfaceName }),
    ...(mac === undefined || mac === "" ? {} : { staticMac: readMac(mac) }),
  };
}

/** Text, or its bytes in base64, as older clients send them. */
function readMac(mac: string): string {
  if (/^[0-9a-f]{2}([:-][0-9a-f]{2})+$/i.test(mac)) return mac;
  const bytes = Buffer.from(mac, "base64");
  if (bytes.length !== 6 && bytes.length !== 8) throw new ToolError("invalid-argument", `address ${mac}: invalid MAC address`);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** Ports; one entry may name several protocols. */
export function readPorts(ports: readonly WirePort[] = []): PortMapping[] {
  return ports.flatMap((port) =>
    (port.protocol === undefined || port.protocol === "" ? "tcp" : port.protocol).split(",").map((name) => {
      const protocol = (["tcp", "udp", "sctp"] as const).find((known) => known === name.trim().toLowerCase());
      if (protocol === undefined)
        throw new ToolError("invalid-argument", `invalid protocol ${JSON.stringify(name)}, must be tcp, udp or sctp`);
      const { host_ip = "", container_port = 0, host_port = 0, range = 0 } = port;
      checkPort(container_port, host_port, Math.max(1, range));
      return { host_ip, container_port, host_port, range: Math.max(1, range), protocol };
    }),
  );
}

function checkPort(container: number, host: number, range: number): void {
  if (container === 0) throw new ToolError("invalid-argument", "container port number must be non-0");
  for (const [what, first] of [
    ["container", container],
    ["host", host],
  ] as const) {
    if (first + range - 1 > 65_535) throw new ToolError("invalid-argument", `${what} port range exceeds 65535: invalid argument`);
  }
}
