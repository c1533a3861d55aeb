import { sortKeys } from "@containers/image/manifest/go-json";
import type { ContainerListing } from "../options.ts";

/** A container in a listing as the API shows it, with the original's keys and order. Texts for people are left empty. */
export function containerListingJson(container: ContainerListing) {
  const ids = container.namespaceIds;
  return {
    AutoRemove: container.autoRemove,
    Command: shownCommand(container),
    Created: container.createdAt,
    CreatedAt: "",
    CIDFile: container.cidfile,
    Exited: container.shownStatus === "exited",
    ExitedAt: unixTime(container.finishedAt),
    ExitCode: container.exitCode,
    ExposedPorts: container.exposed.length === 0 ? null : Object.fromEntries(exposedByPort(container.exposed)),
    Id: container.id,
    Image: container.imageName,
    ImageID: container.imageId,
    IsInfra: container.isInfra,
    Labels: Object.keys(container.labels).length === 0 ? null : sortKeys(container.labels),
    Mounts: container.mounts,
    Names: [container.name],
    Namespaces:
      ids === undefined
        ? {}
        : dropEmpty({ Mnt: ids.mnt, Cgroup: ids.cgroup, Ipc: ids.ipc, Net: ids.net, Pidns: ids.pidns, Uts: ids.uts, User: ids.user }),
    Networks: container.networks,
    Pid: container.pid,
    Pod: container.podId,
    PodName: container.podName ?? "",
    Ports: container.ports.length === 0 ? null : container.ports,
    Restarts: container.restartCount,
    Size: container.size === undefined ? null : { rootFsSize: container.size.rootFsSize, rwSize: container.size.rwSize },
    StartedAt: unixTime(container.startedAt),
    State: container.shownStatus,
    Status: container.health,
  };
}

/** An entrypoint is not shown. */
export function shownCommand({ command }: ContainerListing): readonly string[] | null {
  return command.length > 0 ? command : null;
}

/** Seconds; the zero time of Go when it never happened. */
export function unixTime(time: string): number {
  return time === "" ? -62135596800 : Math.floor(Date.parse(time) / 1000);
}

/** `80/tcp` texts by port number. */
export function exposedByPort(exposed: readonly string[]): Map<string, string[]> {
  const ports = new Map<string, string[]>();
  for (const text of exposed) {
    const [port = "", protocol = "tcp"] = text.split("/");
    ports.set(port, [...(ports.get(port) ?? []), protocol]);
  }
  return ports;
}

function dropEmpty(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}
