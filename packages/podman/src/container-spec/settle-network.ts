import { ToolError } from "@containers/common/errors/tool-error";
import { assignPorts } from "@containers/common/network/assign-ports";
import { parseExpose } from "@containers/common/network/port-syntax";
import type { NetworkConfig } from "../containers/config.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { NetworkMode } from "./network-spec.ts";
import type { SettleContext } from "./settle-context.ts";
import { lender } from "./settle-namespaces.ts";

/** Network mode, networks with their addresses and names, ports and resolver settings. */
export function settleNetwork(spec: ContainerSpec, context: SettleContext): NetworkConfig {
  const { defaults } = context;
  const asked = spec.network;
  const mode = settleMode(spec, context);
  const exposed = [
    ...new Set([...Object.keys(context.image?.config.ExposedPorts ?? {}).map(withProtocol), ...(asked.expose ?? []).map(withProtocol)]),
  ];
  if (mode.kind !== "bridge" && ((asked.staticIps?.length ?? 0) > 0 || asked.staticMac !== undefined)) {
    throw new ToolError("invalid-argument", "--ip and --mac-address can only be set when the network mode is bridge");
  }
  return {
    mode,
    networks: mode.kind === "bridge" ? settleNetworks(spec, context) : {},
    modeOptions: asked.modeOptions ?? [],
    ports: settlePorts(spec, mode, exposed),
    publishAll: asked.publishAll ?? false,
    exposed,
    dns: asked.dns?.length ? asked.dns : defaults.dnsServers,
    dnsSearch: asked.dnsSearch?.length ? asked.dnsSearch : defaults.dnsSearches,
    dnsOptions: asked.dnsOptions?.length ? asked.dnsOptions : defaults.dnsOptions,
    addHosts: asked.addHosts ?? [],
    noHosts: asked.noHosts ?? defaults.noHosts,
    noHostname: asked.noHostname ?? defaults.noHostname,
    hostsFile: asked.hostsFile ?? defaults.baseHostsFile,
  };
}

/** Free ports are chosen here for what names none; a container without a network of its own publishes nothing. */
function settlePorts(spec: ContainerSpec, mode: NetworkMode, exposed: readonly string[]): NetworkConfig["ports"] {
  const { ports = [], publishAll = false } = spec.network;
  if (!["bridge", "pasta", "slirp4netns"].includes(mode.kind)) return [];
  if (ports.length === 0 && !publishAll) return [];
  return assignPorts({ published: ports, exposed: publishAll ? exposed.flatMap(parseExpose) : [] });
}

function settleMode(spec: ContainerSpec, context: SettleContext): NetworkMode {
  const named = Object.keys(spec.network.networks ?? {}).length > 0;
  const asked = spec.network.mode ?? (named ? { kind: "bridge" as const } : modeByName(context.defaults.netns));
  if (asked.kind === "container") return { kind: "container", container: lender("net", asked.container, context).id };
  if (asked.kind !== "private") return asked;
  return { kind: context.rootless ? context.defaults.rootlessNetwork : "bridge" };
}

function modeByName(name: string): NetworkMode {
  switch (name) {
    case "host":
    case "none":
    case "bridge":
    case "pasta":
    case "slirp4netns":
      return { kind: name };
    default:
      return { kind: "private" };
  }
}

function settleNetworks(spec: ContainerSpec, context: SettleContext): NetworkConfig["networks"] {
  const asked = spec.network.networks ?? {};
  const names = Object.keys(asked).length > 0 ? Object.keys(asked) : [context.defaults.defaultNetwork];
  const aliases = [context.id.slice(0, 12), ...(spec.hostname === undefined || spec.hostname === "" ? [] : [spec.hostname])];
  const entries = names.map((name, index) => {
    const own = asked[name] ?? {};
    const first = index === 0;
    const staticMac = own.staticMac ?? (first ? spec.network.staticMac : undefined);
    return [
      context.resolveNetwork(name),
      {
        interfaceName: (own.interfaceName ?? context.interfaceOf?.(name)) || `eth${index}`,
        aliases: [...new Set([...(own.aliases ?? []), ...(spec.network.aliases ?? []), ...aliases])],
        staticIps: own.staticIps ?? (first ? (spec.network.staticIps ?? []) : []),
        ...(staticMac === undefined ? {} : { staticMac }),
        options: own.options ?? {},
      },
    ] as const;
  });
  return Object.fromEntries(entries);
}

function withProtocol(port: string): string {
  return port.includes("/") ? port : `${port}/tcp`;
}
