import type { PortMapping } from "@containers/common/network/port-mapping";
import type { ContainerListing, ListOptions } from "../../containers/options.ts";
import type { ContainerStatus } from "../../containers/state.ts";
import { getJson, type Service, segment } from "../service.ts";
import { number, record, records, text, textMap, texts, type Wire } from "../wire.ts";

/** Containers as `ps` shows them. */
export async function listContainers(
  service: Service,
  options: ListOptions & { readonly external?: boolean },
): Promise<readonly ContainerListing[]> {
  const { filters = {} } = options;
  const everything = options.all === true || options.last !== undefined || filters["status"] !== undefined;
  const answer = await getJson(service, "/containers/json", {
    all: everything,
    external: options.external,
    filters: JSON.stringify(filters),
    last: options.last,
    namespace: options.namespaces,
    size: options.size,
    sync: options.sync,
  });
  return records(answer).map(listing);
}

function listing(wire: Wire): ContainerListing {
  const state = text(wire["State"]);
  const command = texts(wire["Command"]);
  return {
    id: text(wire["Id"]),
    name: texts(wire["Names"])[0] ?? "",
    imageId: text(wire["ImageID"]),
    imageName: text(wire["Image"]),
    podId: text(wire["Pod"]),
    podName: text(wire["PodName"]),
    isInfra: wire["IsInfra"] === true,
    autoRemove: wire["AutoRemove"] === true,
    createdAt: utcTime(text(wire["Created"])),
    process: command,
    command,
    labels: textMap(wire["Labels"]),
    mounts: texts(wire["Mounts"]),
    volumes: [],
    networks: texts(wire["Networks"]),
    ports: records(wire["Ports"]).map(port),
    exposed: Object.entries(record(wire["ExposedPorts"])).flatMap(([number, protocols]) =>
      texts(protocols).map((protocol) => `${number}/${protocol}`),
    ),
    cidfile: text(wire["CIDFile"]),
    status: state as ContainerStatus,
    shownStatus: state,
    pid: number(wire["Pid"]),
    pidStartTime: 0,
    conmonPid: 0,
    exitCode: number(wire["ExitCode"]),
    startedAt: fromSeconds(wire["StartedAt"]),
    finishedAt: fromSeconds(wire["ExitedAt"]),
    restartCount: number(wire["Restarts"]),
    health: healthOf(text(wire["Status"])),
    bootId: "",
    needsCleanup: false,
    ...sizeOf(wire["Size"]),
    ...namespacesOf(record(wire["Namespaces"])),
  };
}

function port(wire: Wire): PortMapping {
  return {
    host_ip: text(wire["host_ip"]),
    container_port: number(wire["container_port"]),
    host_port: number(wire["host_port"]),
    range: number(wire["range"]) || 1,
    protocol: text(wire["protocol"]) as PortMapping["protocol"],
  };
}

/** RFC 3339 in UTC, nanoseconds kept: what was written with an offset is turned. */
export function utcTime(time: string): string {
  if (time === "" || time.endsWith("Z")) return time;
  const fraction = /\.(\d+)/.exec(time)?.[0] ?? "";
  return new Date(time).toISOString().replace(/\.\d+Z$/, `${fraction}Z`);
}

/** Seconds since the epoch; the zero time of Go stands for never. */
function fromSeconds(value: unknown): string {
  const seconds = number(value);
  return seconds <= 0 ? "" : new Date(seconds * 1000).toISOString();
}

/** The service says in `Status` how the health check stands, and nothing else. */
function healthOf(status: string): string {
  return ["healthy", "unhealthy", "starting"].includes(status) ? status : "";
}

function sizeOf(value: unknown): Pick<ContainerListing, "size"> {
  if (typeof value !== "object" || value === null) return {};
  const size = record(value);
  return { size: { rootFsSize: number(size["rootFsSize"]), rwSize: number(size["rwSize"]) } };
}

function namespacesOf(ids: Wire): Pick<ContainerListing, "namespaceIds"> {
  if (Object.keys(ids).length === 0) return {};
  const id = (key: string): string => text(ids[key]);
  return {
    namespaceIds: {
      mnt: id("Mnt"),
      cgroup: id("Cgroup"),
      ipc: id("Ipc"),
      net: id("Net"),
      pidns: id("Pidns"),
      uts: id("Uts"),
      user: id("User"),
    },
  };
}

/** Published ports of one container; of a container in a pod, the pod's. @throws ToolError not-found */
export async function portsOf(service: Service, reference: string): Promise<readonly PortMapping[]> {
  const id = record(await getJson(service, `/containers/${segment(reference)}/json`))["Id"];
  const wanted = text(id);
  // As with the original's client, what does not run has no ports.
  const listed = await listContainers(service, {});
  return listed.find((one) => one.id === wanted)?.ports ?? [];
}
