import { ToolError } from "@containers/common/errors/tool-error";
import type { NetworkDefinition, NetworkStatus } from "@containers/common/network/backend";
import type { Engine } from "../engine/engine.ts";

/** A container on a network, as inspect shows it. */
interface NetworkMember {
  readonly name: string;
  readonly interfaces: NetworkStatus["interfaces"];
}

export interface InspectedNetwork {
  readonly network: NetworkDefinition;
  /** Running containers on it, by id. */
  readonly containers: ReadonlyMap<string, NetworkMember>;
}

/** @throws not-found */
export function inspectNetwork(engine: Pick<Engine, "networks" | "state">, nameOrId: string): InspectedNetwork {
  const network = engine.networks.get(nameOrId);
  if (network === undefined) {
    throw new ToolError("not-found", `network ${nameOrId}: unable to find network with name or ID ${nameOrId}: network not found`, {
      exitCode: 125,
    });
  }
  return { network, containers: membersOf(engine, network.name) };
}

/** Keys in the order in which Go prints them; netavark has an order of its own. */
function inGoOrder(interfaces: NetworkStatus["interfaces"]): NetworkStatus["interfaces"] {
  const ordered = Object.entries(interfaces).map(([name, { subnets, mac_address, ...rest }]) => {
    const inOrder = subnets?.map(({ ipnet, ...others }) => ({ ipnet, ...others }));
    return [name, { ...(inOrder === undefined ? {} : { subnets: inOrder }), mac_address, ...rest }] as const;
  });
  return Object.fromEntries(ordered);
}

function membersOf(engine: Pick<Engine, "state">, network: string): Map<string, NetworkMember> {
  const members = engine.state.containers.list().flatMap((summary): Array<[string, NetworkMember]> => {
    if (!summary.networks.includes(network)) return [];
    const status = engine.state.containers.get(summary.id)?.state.networkStatus?.[network];
    return status === undefined ? [] : [[summary.id, { name: summary.name, interfaces: inGoOrder(status.interfaces) }]];
  });
  return new Map(members);
}
