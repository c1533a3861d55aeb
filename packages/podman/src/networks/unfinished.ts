import { describeError } from "@containers/common/errors/tool-error";
import type { NetworkOptions } from "@containers/common/network/backend";
import { endInterrupted } from "@containers/common/network/netavark/end-interrupted";
import type { Container, ContainerConfig } from "../containers/config.ts";
import { netnsPathOf } from "../containers/prepare/network.ts";
import type { ContainerState } from "../containers/state.ts";
import type { Engine } from "../engine/engine.ts";

/** A network of a container's, by its name. */
export type NetworkChange = NonNullable<ContainerState["networkChange"]>;

/** One network of the container. An ordinary user's ports are one process for all networks, so they stay out of it. */
export function single(engine: Pick<Engine, "rootless">, config: ContainerConfig, { name, attachment }: NetworkChange): NetworkOptions {
  return {
    containerId: config.id,
    containerName: config.name,
    containerHostname: config.hostname,
    networks: { [name]: attachment },
    portMappings: engine.rootless ? [] : config.network.ports,
    dnsServers: config.network.dns,
  };
}

/** Takes down the network that a killed podman had the container join or leave: it is on it by no record. The caller holds the lock. */
export async function leaveUnfinished(engine: Engine, { config, state }: Container): Promise<Container> {
  const { networkChange, ...settled } = state;
  if (networkChange === undefined) return { config, state };
  const netnsPath = state.netnsPath ?? netnsPathOf(config);
  await endInterrupted(netnsPath);
  try {
    await engine.network.teardown(netnsPath, single(engine, config, networkChange));
  } catch (error) {
    // Tried once: whoever wants to stop or remove the container must not be kept from it.
    engine.warn(`container ${config.id}: network ${networkChange.name}: ${describeError(error)}`);
  }
  engine.state.containers.setState(config.id, settled);
  return { config, state: settled };
}
