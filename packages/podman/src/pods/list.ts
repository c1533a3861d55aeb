import { listContainers } from "../containers/listing/list.ts";
import type { ContainerListing } from "../containers/options.ts";
import type { Engine } from "../engine/engine.ts";
import { countedStatuses } from "./init-containers.ts";
import { podFilter } from "./list-filters.ts";
import type { PodRecord } from "./pod-record.ts";
import { repairHalfMadePods } from "./repair.ts";
import { type PodStatus, podStatus } from "./status.ts";

export interface PodListing {
  readonly pod: PodRecord;
  readonly status: PodStatus;
  /** Infra container included, oldest first. */
  readonly members: readonly ContainerListing[];
  /** Names of the infra container's networks. */
  readonly networks: readonly string[];
}

/** Pods as `pod ps` lists them, oldest first; what killed processes left half made is removed, not listed. */
export async function listPods(
  engine: Engine,
  options: { readonly filters?: Readonly<Record<string, readonly string[]>>; readonly latest?: boolean } = {},
): Promise<PodListing[]> {
  const matches = podFilter(options.filters ?? {});
  let pods = engine.state.pods.list();
  if (pods.some(({ isCreating }) => isCreating) && repairHalfMadePods(engine) > 0) pods = engine.state.pods.list();
  const made = pods.filter(({ isCreating }) => !isCreating);
  if (made.length === 0) return [];
  const containers = await listContainers(engine, { all: true });
  const listed = made
    .map((pod) =>
      describe(
        engine,
        pod,
        containers.filter(({ podId }) => podId === pod.id),
      ),
    )
    .filter(matches);
  return options.latest === true ? listed.slice(-1) : listed;
}

function describe(engine: Engine, pod: PodRecord, members: readonly ContainerListing[]): PodListing {
  return {
    pod,
    members,
    status: podStatus(countedStatuses(engine, members)),
    networks: members.find(({ id }) => id === pod.infraId)?.networks ?? [],
  };
}

/** The element of `pod ps --format json`, with the original's keys and order. */
export function podListingJson({ pod, status, members, networks }: PodListing): Record<string, unknown> {
  return {
    Cgroup: pod.cgroupParent,
    Containers: members.map(memberFields),
    Created: pod.createdAt,
    Id: pod.id,
    InfraId: pod.infraId,
    Name: pod.name,
    Namespace: "",
    Networks: networks,
    Status: status,
    Labels: pod.labels,
  };
}

/** One container of a pod in such a listing. */
export function memberFields({ id, name, shownStatus, restartCount }: PodListing["members"][number]): Record<string, unknown> {
  return { Id: id, Names: name, Status: shownStatus, RestartCount: restartCount };
}
