import { readFileSync, writeFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { NetworkStatus } from "@containers/common/network/backend";
import { addHostsEntries, type HostsEntry, removeHostsEntries } from "@containers/common/network/hosts-file";
import { notFound } from "@containers/common/network/network-store";
import type { Container, ContainerConfig } from "../containers/config.ts";
import { refreshLocked } from "../containers/lifecycle/refresh.ts";
import type { Engine } from "../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../locks/with-container-lock.ts";
import { type NetworkChange, single } from "./unfinished.ts";

/** How the container is to appear on the network. */
export interface ConnectOptions {
  readonly aliases?: readonly string[];
  readonly staticIps?: readonly string[];
  readonly staticMac?: string;
}

type Attachment = ContainerConfig["network"]["networks"][string];

/** Puts a container on one more network: at once when it runs, and at every start from now on. */
export async function connectContainer(
  engine: Engine,
  networkRef: string,
  containerRef: string,
  options: ConnectOptions = {},
): Promise<void> {
  const { config: found } = resolveContainer(engine, containerRef);
  await withContainerLock(engine, found.id, async (stale) => {
    const container = await refreshLocked(engine, stale);
    const { config, state } = container;
    requireBridge(config);
    const network = requireNetwork(engine, networkRef);
    if (config.network.networks[network.name] !== undefined) {
      throw new ToolError(
        "already-exists",
        `container ${config.id} is already connected to network ${network.name}: network is already connected`,
      );
    }
    const attachment: Attachment = {
      interfaceName: freeInterface(config),
      aliases: [...(options.aliases ?? []), ...ownAliases(config)],
      staticIps: options.staticIps ?? [],
      ...(options.staticMac === undefined ? {} : { staticMac: options.staticMac }),
      options: {},
    };
    const netnsPath = connectedNamespace(container);
    const networks = { ...config.network.networks, [network.name]: attachment };
    if (netnsPath === undefined) saveNetworks(engine, config, networks);
    else {
      const change = { name: network.name, attachment };
      const status = await joining(engine, container, change, () => engine.network.setup(netnsPath, single(engine, config, change)));
      engine.state.transaction(() => {
        engine.state.containers.setState(config.id, { ...state, networkStatus: { ...state.networkStatus, ...status } });
        saveNetworks(engine, config, networks);
      });
      editHosts(config, (text) => addHostsEntries(text, hostsEntries(config, status[network.name])));
    }
    engine.events.write({ type: "network", status: "connect", id: config.id, network: network.name });
  });
}

/** Names that a container has in each of its networks: its short id and, where it has one that was chosen, its host name. */
export function ownAliases({ id, name, hostname, namespaces }: Pick<ContainerConfig, "id" | "name" | "hostname" | "namespaces">): string[] {
  const short = id.slice(0, 12);
  const isChosen = namespaces.uts.kind === "private" && ![short, name.replaceAll("_", "-")].includes(hostname);
  return isChosen ? [short, hostname] : [short];
}

/** The reverse of {@link connectContainer}. */
export async function disconnectContainer(engine: Engine, networkRef: string, containerRef: string): Promise<void> {
  const { config: found } = resolveContainer(engine, containerRef);
  await withContainerLock(engine, found.id, async (stale) => {
    const container = await refreshLocked(engine, stale);
    const { config, state } = container;
    requireBridge(config);
    const network = requireNetwork(engine, networkRef);
    const attachment = config.network.networks[network.name];
    if (attachment === undefined)
      throw new ToolError("invalid-state", `container ${config.name} is not connected to network ${network.name}`);
    const { [network.name]: _, ...rest } = config.network.networks;
    const netnsPath = connectedNamespace(container);
    if (netnsPath === undefined) saveNetworks(engine, config, rest);
    else {
      const change = { name: network.name, attachment };
      const { [network.name]: gone, ...remaining } = state.networkStatus ?? {};
      const left = { ...state, networkStatus: remaining };
      engine.state.transaction(() => {
        engine.state.containers.setState(config.id, { ...left, networkChange: change });
        saveNetworks(engine, config, rest);
      });
      editHosts(config, (text) => removeHostsEntries(text, hostsEntries(config, gone)));
      await engine.network.teardown(netnsPath, single(engine, config, change));
      engine.state.containers.setState(config.id, left);
    }
    engine.events.write({ type: "network", status: "disconnect", id: config.id, network: network.name });
  });
}

function requireBridge(config: ContainerConfig): void {
  const { kind } = config.network.mode;
  if (kind !== "bridge") throw new ToolError("invalid-state", `"${kind}" is not supported: invalid network mode`);
}

function requireNetwork(engine: Pick<Engine, "networks">, reference: string): { readonly name: string } {
  const network = engine.networks.get(reference);
  if (network === undefined) throw new ToolError("not-found", notFound(reference).message, { exitCode: 125 });
  return network;
}

/** The namespace whose interfaces are there now; undefined when it does not run. */
function connectedNamespace({ state }: Container): string | undefined {
  return ["created", "running", "paused"].includes(state.status) ? state.netnsPath : undefined;
}

/** Notes what is begun, so that it can be undone when this process is killed; forgotten again when it fails. */
async function joining<T>(
  engine: Pick<Engine, "state">,
  { config, state }: Container,
  networkChange: NetworkChange,
  join: () => Promise<T>,
): Promise<T> {
  engine.state.containers.setState(config.id, { ...state, networkChange });
  try {
    return await join();
  } catch (error) {
    engine.state.containers.setState(config.id, state);
    throw error;
  }
}

function freeInterface(config: ContainerConfig): string {
  const taken = new Set(Object.values(config.network.networks).map(({ interfaceName }) => interfaceName));
  for (let number = 0; ; number++) {
    if (!taken.has(`eth${number}`)) return `eth${number}`;
  }
}

function saveNetworks(engine: Pick<Engine, "state">, config: ContainerConfig, networks: ContainerConfig["network"]["networks"]): void {
  engine.state.containers.setConfig(config.id, { ...config, network: { ...config.network, networks } });
}

function hostsEntries(config: ContainerConfig, status: NetworkStatus | undefined): HostsEntry[] {
  const subnets = Object.values(status?.interfaces ?? {}).flatMap((one) => one.subnets ?? []);
  return subnets.map(({ ipnet }) => ({ ip: ipnet.split("/")[0] ?? "", names: [config.hostname, config.name] }));
}

/** In place: the file is bound into the container. */
function editHosts(config: ContainerConfig, edit: (text: string) => string): void {
  if (config.network.noHosts) return;
  const path = `${config.runDir}/hosts`;
  writeFileSync(path, edit(readFileSync(path, "utf8")));
}
