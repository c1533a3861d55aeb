import { networkInterfaces } from "node:os";
import { ToolError } from "@containers/common/errors/tool-error";
import type { NetworkOptions, NetworkStatus } from "@containers/common/network/backend";
import { createNetns, keepNetns, netnsDirectory, removeNetns } from "@containers/common/network/netns";
import { reservePorts } from "@containers/common/network/port-reservation";
import type { UserModeNetwork } from "@containers/common/network/user-mode";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";
import type { ContainerState } from "../state.ts";

type Ports = Pick<Engine, "defaults" | "sys" | "config" | "network" | "networkHost" | "rootless" | "helperDirs" | "userMode" | "warn">;

/** The network of a run, as far as it is made before the container: the rest comes from {@link connectNetwork}. */
export interface NetworkPlace {
  /** A namespace that the engine made and must remove. */
  readonly netnsPath?: string;
  /** Bound sockets that keep the published ports; the monitor inherits them. */
  readonly portDescriptors: readonly number[];
}

export interface ConnectedNetwork {
  readonly status?: Readonly<Record<string, NetworkStatus>>;
  readonly userMode?: UserModeNetwork;
}

/** Whether the engine makes the namespace and connects it. */
export function hasOwnNetwork(config: ContainerConfig): boolean {
  return ["bridge", "pasta", "slirp4netns"].includes(config.network.mode.kind);
}

/** Always the same for one container, so that a namespace can be found again whose maker was killed before it noted the path. */
export function netnsPathOf(config: ContainerConfig): string {
  const { id } = config;
  return `${netnsDirectory()}/netns-${[id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20, 32)].join("-")}`;
}

/** Whether the runtime makes the network namespace, and the engine connects it afterwards. */
export function hasOwnUserNamespace(config: ContainerConfig): boolean {
  return config.idMappings !== undefined || config.joinedUserNamespace !== undefined;
}

/** Keeps the network namespace of the process, which the runtime made, under the container's own path. */
export function adoptNetwork(engine: Ports, config: ContainerConfig, pid: number): string | undefined {
  if (!hasOwnNetwork(config)) return undefined;
  return keepNetns(`/proc/${pid}/ns/net`, netnsPathOf(config), engine.sys);
}

/** Makes the namespace and takes the published ports. Synchronous: this thread is inside the new namespace for a moment. */
export function makeNetworkPlace(engine: Ports, config: ContainerConfig): NetworkPlace {
  if (!hasOwnNetwork(config)) return { portDescriptors: [] };
  const reserves = engine.config.engine.enablePortReservation && config.network.mode.kind === "bridge" && !engine.rootless;
  const portDescriptors = reserves ? takePorts(engine, config) : [];
  // The container's root has power over its network only when its user namespace owns it: then the runtime makes it.
  if (hasOwnUserNamespace(config)) return { portDescriptors };
  try {
    return { netnsPath: createNetns(netnsPathOf(config), engine.sys), portDescriptors };
  } catch (error) {
    for (const fd of portDescriptors) engine.sys.close(fd);
    throw error;
  }
}

function takePorts(engine: Ports, config: ContainerConfig): number[] {
  try {
    return reservePorts(config.network.ports, engine.sys);
  } catch (error) {
    throw cannotStart(error);
  }
}

/** A container whose network cannot be made is one that cannot be started: the original's exit code for that. */
function cannotStart(error: unknown): unknown {
  if (!(error instanceof ToolError) || error.exitCode !== undefined) return error;
  const { kind, message, code, hint, cause } = error;
  return new ToolError(kind, message, { code, hint, cause, exitCode: 126 });
}

/** Joins the namespace to its networks, or starts the program that serves it. Nothing is left on failure. */
export async function connectNetwork(engine: Ports, config: ContainerConfig, netnsPath: string | undefined): Promise<ConnectedNetwork> {
  if (netnsPath === undefined) return {};
  try {
    return await connect(engine, config, netnsPath);
  } catch (error) {
    throw cannotStart(error);
  }
}

async function connect(engine: Ports, config: ContainerConfig, netnsPath: string): Promise<ConnectedNetwork> {
  const { mode } = config.network;
  if (mode.kind === "bridge") return { status: await engine.network.setup(netnsPath, networkOptions(config)) };
  if (mode.kind !== "pasta" && mode.kind !== "slirp4netns") return {};
  const { startUserMode } = await import("@containers/common/network/start-user-mode");
  const userMode = await startUserMode(netnsPath, {
    ...engine.userMode,
    program: mode.kind === "slirp4netns" || config.network.modeOptions.length > 0 ? mode.kind : engine.userMode.program,
    ...(mode.kind === "pasta"
      ? { pastaOptions: [...(engine.userMode.pastaOptions ?? []), ...config.network.modeOptions] }
      : { slirpOptions: config.network.modeOptions }),
    helperDirs: engine.helperDirs,
    ports: config.network.ports,
    socketDir: config.runDir,
    warn: engine.warn,
  });
  return { userMode };
}

/** Undoes {@link makeNetworkPlace} and {@link connectNetwork}; goes on after errors and reports them. Safe to call twice. */
export async function disconnectNetwork(
  engine: Ports,
  config: ContainerConfig,
  state: Pick<ContainerState, "netnsPath" | "userMode">,
): Promise<Error[]> {
  const { netnsPath } = state;
  if (netnsPath === undefined) return [];
  const errors: Error[] = [];
  const attempt = async (deed: () => Promise<void> | void): Promise<void> => {
    try {
      await deed();
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
    }
  };
  if (config.network.mode.kind === "bridge") await attempt(() => engine.network.teardown(netnsPath, networkOptions(config)));
  if (state.userMode !== undefined) {
    const { stopUserMode } = await import("@containers/common/network/start-user-mode");
    await attempt(() => stopUserMode(netnsPath, state.userMode));
  }
  await attempt(() => removeNetns(netnsPath, engine.sys));
  return errors;
}

export function networkOptions(config: ContainerConfig): NetworkOptions {
  return {
    containerId: config.id,
    containerName: config.name,
    containerHostname: config.hostname,
    networks: config.network.networks,
    portMappings: config.network.ports,
    dnsServers: config.network.dns,
  };
}

/** Addresses that the container has, for /etc/hosts. */
export function ownAddresses(connected: ConnectedNetwork): string[] {
  if (connected.userMode !== undefined) return [...connected.userMode.addresses];
  return Object.values(connected.status ?? {}).flatMap(({ interfaces }) =>
    Object.values(interfaces).flatMap(({ subnets }) => (subnets ?? []).map(({ ipnet }) => ipnet.split("/")[0] ?? "")),
  );
}

/** The address under which the container reaches the host; undefined where it cannot. */
export function hostAddress(engine: Ports, config: ContainerConfig, connected: ConnectedNetwork): string | undefined {
  if (config.network.mode.kind === "none") return undefined;
  const configured = engine.defaults.hostContainersInternalIp;
  if (configured !== "") return configured === "none" ? undefined : configured;
  if (config.network.mode.kind === "slirp4netns") return connected.userMode?.hostAddresses[0] ?? firstHostAddress();
  if (connected.userMode !== undefined) return connected.userMode.hostAddresses[0];
  if (config.network.mode.kind === "bridge") {
    const behind = engine.networkHost.rootlessNetns?.info()?.hostAddresses[0];
    return behind ?? gateways(connected)[0] ?? firstHostAddress();
  }
  return firstHostAddress();
}

function gateways(connected: ConnectedNetwork): string[] {
  return Object.values(connected.status ?? {}).flatMap(({ interfaces }) =>
    Object.values(interfaces).flatMap(({ subnets }) => (subnets ?? []).flatMap(({ gateway }) => (gateway === undefined ? [] : [gateway]))),
  );
}

function firstHostAddress(): string | undefined {
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    /^(podman|cni|docker|veth|br-)/.test(name) ? [] : (addresses ?? []),
  );
  return all.find((one) => !one.internal && one.family === "IPv4")?.address;
}
