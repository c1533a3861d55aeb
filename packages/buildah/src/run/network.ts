import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { NetworkBackend, NetworkOptions } from "@containers/common/network/backend";
import type { UserModeSettings } from "@containers/common/network/start-user-mode";
import { isRootless } from "@containers/common/rootless/rootless";

/** How a run's process sees the network. */
export interface RunNetwork {
  /** Absent: the host's. Without a path the runtime makes an empty one. */
  readonly namespace?: { readonly type: "network"; readonly path?: string };
  /** Addresses of the process's own interfaces. */
  readonly addresses: readonly string[];
  /** Name servers to use in place of the host's; empty: as the host. */
  readonly dnsServers: readonly string[];
  readonly searchDomains: readonly string[];
  /** The host as seen from inside. */
  readonly hostAddresses: readonly string[];
  close(): Promise<void>;
}

export interface NetworkPorts {
  /** Opened only when a run is joined to a bridge. */
  openBackend(): Promise<{ readonly backend: NetworkBackend; readonly defaultNetwork: string }>;
  /** How pasta and slirp4netns are started. */
  readonly userMode: UserModeSettings;
  warn(message: string): void;
}

export interface ConnectOptions {
  /** `host`, `none`, `private`, `bridge`, `pasta`, `slirp4netns`, `ns:PATH`, a network's name; undefined for the default. */
  readonly mode: string | undefined;
  readonly containerId: string;
  /** An existing directory for helper sockets. */
  readonly directory: string;
}

const NONE = { addresses: [], dnsServers: [], searchDomains: [], hostAddresses: [] };

/** Prepares the network that `mode` names; the caller closes it when the process is over. */
export async function connectRun(ports: NetworkPorts, options: ConnectOptions): Promise<RunNetwork> {
  const mode = options.mode ?? "";
  if (mode === "host") return { ...NONE, close: async () => undefined };
  if (mode === "none") return { ...NONE, namespace: { type: "network" }, close: async () => undefined };
  if (mode.startsWith("ns:")) return { ...NONE, namespace: { type: "network", path: mode.slice(3) }, close: async () => undefined };
  if (mode.startsWith("container:"))
    throw new ToolError("unsupported", `network ${mode} is not supported for builds`, { hint: "use ns:PATH" });
  const program = mode === "pasta" || mode === "slirp4netns" ? mode : undefined;
  const automatic = mode === "" || mode === "default" || mode === "private";
  if (program !== undefined || (automatic && isRootless())) return connectUserMode(ports, options, program);
  return connectBridge(ports, options, automatic || mode === "bridge" ? undefined : mode);
}

async function connectUserMode(
  ports: NetworkPorts,
  options: ConnectOptions,
  program: "pasta" | "slirp4netns" | undefined,
): Promise<RunNetwork> {
  const { createNetns, removeNetns } = await import("@containers/common/network/netns");
  const { startUserMode, stopUserMode } = await import("@containers/common/network/start-user-mode");
  const path = createNetns();
  try {
    mkdirSync(options.directory, { recursive: true });
    const network = await startUserMode(path, {
      ...ports.userMode,
      ports: [],
      socketDir: options.directory,
      warn: ports.warn,
      ...(program === undefined ? {} : { program }),
    });
    return {
      namespace: { type: "network", path },
      addresses: network.addresses,
      dnsServers: network.dnsServers,
      searchDomains: [],
      hostAddresses: network.hostAddresses,
      close: async () => stopUserMode(path, network),
    };
  } catch (error) {
    removeNetns(path);
    throw error;
  }
}

async function connectBridge(ports: NetworkPorts, options: ConnectOptions, name: string | undefined): Promise<RunNetwork> {
  const { createNetns, removeNetns } = await import("@containers/common/network/netns");
  const { backend, defaultNetwork } = await ports.openBackend();
  // Several runs may stand on one working container: each has an id of its own for its address.
  const containerId = randomBytes(32).toString("hex");
  const network: NetworkOptions = {
    containerId,
    containerName: `${options.containerId.slice(0, 12)}-buildah`,
    networks: { [name ?? defaultNetwork]: { interfaceName: "eth0" } },
    portMappings: [],
  };
  const path = createNetns();
  try {
    const status = Object.values(await backend.setup(path, network));
    const subnets = status.flatMap((one) => Object.values(one.interfaces).flatMap((link) => link.subnets ?? []));
    return {
      namespace: { type: "network", path },
      addresses: subnets.map((subnet) => subnet.ipnet.replace(/\/.*$/, "")),
      dnsServers: status.flatMap((one) => one.dns_server_ips ?? []),
      searchDomains: status.flatMap((one) => one.dns_search_domains ?? []),
      hostAddresses: subnets.flatMap((subnet) => (subnet.gateway === undefined ? [] : [subnet.gateway])),
      close: async () => {
        try {
          await backend.teardown(path, network);
        } finally {
          removeNetns(path);
        }
      },
    };
  } catch (error) {
    removeNetns(path);
    throw error;
  }
}
