import { listContainers } from "../containers/listing/list.ts";
import type { ContainerListing } from "../containers/options.ts";
import type { Engine } from "../engine/engine.ts";
import { dependencyOrder } from "./dependency-order.ts";
import type { PodRecord } from "./pod-record.ts";

/** The containers of a pod as they are now, its infra container included, oldest first. */
export function podMembers(engine: Engine, pod: Pick<PodRecord, "id">): Promise<ContainerListing[]> {
  return listContainers(engine, { all: true, podId: pod.id });
}

/** Ids of the pod's containers in groups that can be started one after the other. */
export function memberOrder(engine: Pick<Engine, "state">, members: readonly Pick<ContainerListing, "id">[]): string[][] {
  return dependencyOrder(members.map(({ id }) => ({ id, dependencies: engine.state.containers.get(id)?.config.dependencies ?? [] })));
}
