import type { ContainerListing } from "../../containers/options.ts";
import type { PodListing } from "../../pods/list.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import type { PodStatus } from "../../pods/status.ts";
import { listContainers } from "../containers/list.ts";
import { getJson, type Service, segment } from "../service.ts";
import { record, records, text, textMap, texts, type Wire } from "../wire.ts";

/** Pods as `pod ps` lists them. */
export async function listPods(service: Service, filters: Readonly<Record<string, readonly string[]>>): Promise<PodListing[]> {
  const pods = records(await getJson(service, "/pods/json", { filters: JSON.stringify(filters) }));
  if (pods.length === 0) return [];
  const containers = await listContainers(service, { all: true });
  return pods.map((pod) => listing(pod, containers)).reverse();
}

function listing(wire: Wire, containers: readonly ContainerListing[]): PodListing {
  const pod: PodRecord = {
    id: text(wire["Id"]),
    name: text(wire["Name"]),
    createdAt: text(wire["Created"]),
    labels: textMap(wire["Labels"]),
    hostname: "",
    createCommand: [],
    exitPolicy: "continue",
    shared: [],
    shareParent: true,
    cgroupParent: text(wire["Cgroup"]),
    cgroupPath: "",
    infraId: text(wire["InfraId"]),
    isCreating: false,
  };
  return {
    pod,
    status: text(wire["Status"]) as PodStatus,
    members: containers.filter(({ podId }) => podId === pod.id),
    networks: texts(wire["Networks"]),
  };
}

/** The pod's containers. @throws ToolError not-found */
export async function podMembers(
  service: Service,
  reference: string,
): Promise<ReadonlyArray<{ readonly id: string; readonly name: string }>> {
  const pod = record(await getJson(service, `/pods/${segment(reference)}/json`));
  return records(pod["Containers"]).map((member) => ({ id: text(member["Id"]), name: text(member["Name"]) }));
}
