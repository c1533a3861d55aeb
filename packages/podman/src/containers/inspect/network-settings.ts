import type { NetworkStatus } from "@containers/common/network/backend";
import type { PortMapping } from "@containers/common/network/port-mapping";
import type { Engine } from "../../engine/engine.ts";
import type { Container } from "../config.ts";

type Binding = { readonly HostIp: string; readonly HostPort: string };

const EMPTY_ADDRESS = {
  EndpointID: "",
  Gateway: "",
  IPAddress: "",
  IPPrefixLen: 0,
  IPv6Gateway: "",
  GlobalIPv6Address: "",
  GlobalIPv6PrefixLen: 0,
  MacAddress: "",
};

export function networkSettings(engine: Pick<Engine, "networks" | "state">, container: Container): Record<string, unknown> {
  const { config } = container;
  const lender = lenderOf(engine, container);
  const { state } = lender;
  const names = Object.keys(lender.config.network.networks);
  const networks = Object.fromEntries(names.map((name) => [name, networkEntry(engine, lender, name)]));
  return {
    // The original fills the top level in only for the default network alone, and leaves it empty otherwise.
    ...EMPTY_ADDRESS,
    ...(names.length === 1 && names[0] === "podman" ? addressOf(state.networkStatus?.["podman"]) : {}),
    Bridge: "",
    SandboxID: "",
    HairpinMode: false,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    Ports: portBindings(lender.config.network.ports, config.network.exposed),
    SandboxKey: state.netnsPath ?? sandboxOfNone(lender),
    ...(names.length > 0 ? { Networks: networks } : { Networks: modeEntry(container) }),
  };
}

/** A namespace without a network has no name; while the container runs it is found by its process. */
function sandboxOfNone({ config, state }: Container): string {
  return config.network.mode.kind === "none" && state.pid > 0 ? `/proc/${state.pid}/ns/net` : "";
}

/** The container whose network a pod's container uses; else the container itself. */
function lenderOf(engine: Pick<Engine, "state">, container: Container): Container {
  const { mode } = container.config.network;
  if (container.config.podId === "" || mode.kind !== "container") return container;
  return engine.state.containers.get(mode.container) ?? container;
}

/** `80/tcp` → where it is published; exposed ports that are not: null. */
export function portBindings(ports: readonly PortMapping[], exposed: readonly string[]): Record<string, readonly Binding[] | null> {
  const bindings: Record<string, Binding[] | null> = {};
  for (const port of ports) {
    for (let offset = 0; offset < port.range; offset += 1) {
      const key = `${port.container_port + offset}/${port.protocol}`;
      const binding = { HostIp: port.host_ip === "" ? "0.0.0.0" : port.host_ip, HostPort: String(port.host_port + offset) };
      bindings[key] = [...(bindings[key] ?? []), binding];
    }
  }
  for (const port of exposed) bindings[port] ??= null;
  return bindings;
}

function networkEntry(engine: Pick<Engine, "networks">, { config, state }: Container, name: string): Record<string, unknown> {
  return {
    ...EMPTY_ADDRESS,
    ...addressOf(state.networkStatus?.[name]),
    NetworkID: engine.networks.get(name)?.id ?? "",
    DriverOpts: null,
    IPAMConfig: null,
    Links: null,
    Aliases: config.network.networks[name]?.aliases ?? [],
  };
}

function modeEntry({ config }: Container): Record<string, unknown> {
  const { kind } = config.network.mode;
  if (kind !== "host" && kind !== "none" && kind !== "pasta" && kind !== "slirp4netns") return {};
  return { [kind]: { ...EMPTY_ADDRESS, NetworkID: kind, DriverOpts: null, IPAMConfig: null, Links: null } };
}

function addressOf(status: NetworkStatus | undefined): Record<string, unknown> {
  const [entry] = Object.values(status?.interfaces ?? {});
  if (entry === undefined) return {};
  const fields: Record<string, unknown> = { MacAddress: entry.mac_address };
  for (const { ipnet, gateway } of entry.subnets ?? []) {
    const [address = "", length = "0"] = ipnet.split("/");
    const isSix = address.includes(":");
    const keys = isSix ? ["GlobalIPv6Address", "GlobalIPv6PrefixLen", "IPv6Gateway"] : ["IPAddress", "IPPrefixLen", "Gateway"];
    if (keys[0] === undefined || keys[1] === undefined || keys[2] === undefined || fields[keys[0]] !== undefined) continue;
    fields[keys[0]] = address;
    fields[keys[1]] = Number(length);
    fields[keys[2]] = gateway ?? "";
  }
  return fields;
}
