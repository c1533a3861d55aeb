import { humanAgo } from "@containers/common/report/units";
import { memberFields, type PodListing } from "../../../pods/list.ts";

/** What templates of `pod ps` see of a pod. */
export function templatePod({ pod, status, members, networks }: PodListing, full: boolean): Record<string, unknown> {
  const shorten = (id: string): string => (full ? id : id.slice(0, 12));
  return {
    ID: shorten(pod.id),
    Id: shorten(pod.id),
    Name: pod.name,
    Status: status,
    Created: humanAgo(new Date(pod.createdAt)),
    InfraID: shorten(pod.infraId),
    InfraId: shorten(pod.infraId),
    ContainerIds: members.map(({ id }) => shorten(id)).join(","),
    ContainerNames: members.map(({ name }) => name).join(","),
    ContainerStatuses: members.map(({ shownStatus }) => shownStatus).join(","),
    NumberOfContainers: members.length,
    Restarts: String(members.reduce((sum, { restartCount }) => sum + restartCount, 0)),
    Networks: networks.join(","),
    Labels: pod.labels,
    Label: (name: string) => pod.labels[name] ?? "",
    Cgroup: pod.cgroupParent,
    Namespace: "",
    Containers: members.map(memberFields),
  };
}
