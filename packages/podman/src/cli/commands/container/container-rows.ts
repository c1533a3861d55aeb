import { formatPort } from "@containers/common/network/port-syntax";
import { GoTime } from "@containers/common/report/template/go-time";
import { humanAgo, humanDuration, humanSize } from "@containers/common/report/units";
import { containerListingJson, exposedByPort, shownCommand, unixTime } from "../../../containers/listing/listing-json.ts";
import type { ContainerListing } from "../../../containers/options.ts";

export interface RowOptions {
  /** Full ids and commands. */
  readonly full: boolean;
  readonly namespaces: boolean;
  readonly now?: Date;
}

/** What templates of `ps` see of a container. */
export function templateRow(container: ContainerListing, { full, now = new Date() }: RowOptions): Record<string, unknown> {
  const created = new Date(container.createdAt);
  const id = full ? container.id : container.id.slice(0, 12);
  const namespaces = namespaceFields(container);
  const createdHuman = humanAgo(created, now);
  return {
    ID: id,
    Id: container.id,
    Image: container.imageName,
    ImageID: full ? container.imageId : container.imageId.slice(0, 12),
    Command: commandText(shownCommand(container) ?? [], full),
    CreatedAt: String(new GoTime(container.createdAt)),
    Created: new GoTime(container.createdAt),
    CreatedHuman: createdHuman,
    RunningFor: createdHuman,
    Status: statusText(container, now),
    State: container.shownStatus,
    Ports: portsText(container),
    Names: container.name,
    Networks: container.networks.join(","),
    Mounts: container.mounts,
    Size: sizeText(container),
    Labels: new Map(Object.entries(container.labels)),
    Label: (name: string) => container.labels[name] ?? "",
    Pid: container.pid,
    ExitCode: container.exitCode,
    Exited: container.shownStatus === "exited",
    ExitedAt: unixTime(container.finishedAt),
    StartedAt: unixTime(container.startedAt),
    AutoRemove: container.autoRemove,
    IsInfra: container.isInfra,
    CIDFile: container.cidfile,
    Restarts: container.restartCount,
    Pod: full ? container.podId : container.podId.slice(0, 12),
    PodName: container.podName ?? "",
    ExposedPorts: exposedByPort(container.exposed),
    Namespaces: namespaceIds(container),
    ...namespaces,
  };
}

/** The element of `ps --format json`, with the original's keys and order. */
export function jsonRow(container: ContainerListing, now: Date = new Date()): Record<string, unknown> {
  const created = new Date(container.createdAt);
  const { Created: _, ...row } = containerListingJson(container);
  return {
    ...row,
    CreatedAt: humanAgo(created, now),
    Status: statusText(container, now),
    Created: Math.floor(created.getTime() / 1000),
  };
}

/** `Up 5 minutes (healthy)`, `Exited (0) 2 hours ago`, `Created`. */
function statusText(container: ContainerListing, now: Date = new Date()): string {
  const text = plainStatus(container, now);
  return container.health === "" ? text : `${text} (${container.health})`;
}

function plainStatus(container: ContainerListing, now: Date): string {
  const since = (time: string): string => humanDuration(now.getTime() - Date.parse(time));
  switch (container.shownStatus) {
    case "running":
      return `Up ${since(container.startedAt)}`;
    case "paused":
      return "Paused";
    case "exited":
    case "stopped":
      return container.finishedAt === "" ? "Exited" : `Exited (${container.exitCode}) ${since(container.finishedAt)} ago`;
    default:
      return container.shownStatus === "" ? "" : (container.shownStatus[0] ?? "").toUpperCase() + container.shownStatus.slice(1);
  }
}

/** Published ports, then exposed ones that are not published. */
function portsText({ ports, exposed }: ContainerListing): string {
  const covered = (text: string): boolean => {
    const [number, protocol] = text.split("/");
    const port = Number(number);
    return ports.some(
      (mapping) => mapping.protocol === protocol && port >= mapping.container_port && port < mapping.container_port + mapping.range,
    );
  };
  return [...ports.map(formatPort), ...exposed.filter((text) => !covered(text))].join(", ");
}

function commandText(words: readonly string[], full: boolean): string {
  const text = words.join(" ");
  return full || text.length <= 20 ? text : `${text.slice(0, 17)}...`;
}

function sizeText({ size }: ContainerListing): string {
  return size === undefined ? "" : `${humanSize(size.rwSize, 3)} (virtual ${humanSize(size.rootFsSize, 3)})`;
}

function namespaceFields(container: ContainerListing): Record<string, string> {
  const ids = container.namespaceIds;
  return { ...namespaceIds(container), CGROUPNS: ids?.cgroup ?? "", USERNS: ids?.user ?? "" };
}

/** In the order in which `{{.Namespaces}}` prints them. */
function namespaceIds({ namespaceIds: ids }: ContainerListing): Record<string, string> {
  return {
    MNT: ids?.mnt ?? "",
    Cgroup: ids?.cgroup ?? "",
    IPC: ids?.ipc ?? "",
    NET: ids?.net ?? "",
    PIDNS: ids?.pidns ?? "",
    UTS: ids?.uts ?? "",
    User: ids?.user ?? "",
  };
}
