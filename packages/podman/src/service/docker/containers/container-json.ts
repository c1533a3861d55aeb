import { humanDuration } from "@containers/common/report/units";
import type { Container } from "../../../containers/config.ts";
import { hostConfigSection } from "../../../containers/inspect/host-config-section.ts";
import { mountsSection } from "../../../containers/inspect/mounts-section.ts";
import { networkSettings, portBindings } from "../../../containers/inspect/network-settings.ts";
import { shownStatus } from "../../../containers/lifecycle/transitions.ts";
import type { Engine } from "../../../engine/engine.ts";
import { isRecord, networksJson } from "./endpoint-json.ts";

/** The element of `/containers/json`. */
export function containerSummary(
  engine: Engine,
  container: Container,
  size?: { readonly rootFsSize: number; readonly rwSize: number },
): Record<string, unknown> {
  const { config } = container;
  return {
    Id: config.id,
    Names: [`/${config.name}`],
    Image: config.imageName,
    ImageID: `sha256:${config.imageId}`,
    Command: config.command.join(" "),
    Created: Math.floor(Date.parse(config.createdAt) / 1000),
    Ports: portsJson(container),
    ...(size === undefined || size.rwSize === 0 ? {} : { SizeRw: size.rwSize }),
    ...(size === undefined || size.rootFsSize === 0 ? {} : { SizeRootFs: size.rootFsSize }),
    Labels: config.labels,
    State: dockerState(container),
    Status: statusText(container),
    NetworkSettings: { Networks: networksJson(networkSettings(engine, container)) },
    Mounts: dockerMounts(engine, container),
    Name: "",
    Config: null,
    NetworkingConfig: null,
    Platform: null,
    DefaultReadOnlyNonRecursive: false,
  };
}

/** Our status in the words of a listing of Docker's. */
function dockerState({ state }: Container): string {
  const shown = shownStatus(state.status);
  return shown === "initialized" ? "created" : shown;
}

function statusText({ state }: Container): string {
  const since = (time: string): string => humanDuration(Date.now() - Date.parse(time));
  switch (shownStatus(state.status)) {
    case "created":
    case "initialized":
      return "Created";
    case "running":
      return `Up ${since(state.startedAt)}`;
    case "paused":
      return `Up ${since(state.startedAt)} (Paused)`;
    case "stopped":
    case "exited":
      return `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`;
    case "removing":
      return "Removal In Progress";
    case "stopping":
      return "Stopping";
    default:
      return "Unknown";
  }
}

function portsJson({ config }: Container): unknown[] {
  const { ports, exposed } = config.network;
  return Object.entries(portBindings(ports, exposed)).flatMap(([key, bindings]) => {
    const [number, Type] = key.split("/");
    const PrivatePort = Number(number);
    if (bindings === null) return [{ PrivatePort, Type }];
    return bindings.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort, PublicPort: Number(HostPort), Type }));
  });
}

/** Docker's mounts have fewer keys. */
export function dockerMounts(engine: Engine, { config }: Container): unknown[] {
  return mountsSection(engine, config)
    .filter(isRecord)
    .map(({ Type, Name, Source, Destination, Driver, Mode, RW, Propagation }) => ({
      Type,
      ...(Name === undefined ? {} : { Name }),
      Source,
      Destination,
      ...(Driver === "" ? {} : { Driver }),
      Mode,
      RW,
      Propagation,
    }));
}

/** `HostConfig`'s keys as Docker has them; ours are a superset. */
const HOST_CONFIG_KEYS = [
  ["Binds", null],
  ["ContainerIDFile", ""],
  ["LogConfig", null],
  ["NetworkMode", ""],
  ["PortBindings", {}],
  ["RestartPolicy", null],
  ["AutoRemove", false],
  ["VolumeDriver", ""],
  ["VolumesFrom", null],
  ["ConsoleSize", [0, 0]],
  ["Annotations", undefined],
  ["CapAdd", []],
  ["CapDrop", []],
  ["CgroupnsMode", ""],
  ["Dns", []],
  ["DnsOptions", []],
  ["DnsSearch", []],
  ["ExtraHosts", []],
  ["GroupAdd", []],
  ["IpcMode", ""],
  ["Cgroup", ""],
  ["Links", null],
  ["OomScoreAdj", 0],
  ["PidMode", ""],
  ["Privileged", false],
  ["PublishAllPorts", false],
  ["ReadonlyRootfs", false],
  ["SecurityOpt", []],
  ["Tmpfs", undefined],
  ["UTSMode", ""],
  ["UsernsMode", ""],
  ["ShmSize", 0],
  ["Runtime", "oci"],
  ["Isolation", ""],
  ["CpuShares", 0],
  ["Memory", 0],
  ["NanoCpus", 0],
  ["CgroupParent", ""],
  ["BlkioWeight", 0],
  ["BlkioWeightDevice", null],
  ["BlkioDeviceReadBps", null],
  ["BlkioDeviceWriteBps", null],
  ["BlkioDeviceReadIOps", null],
  ["BlkioDeviceWriteIOps", null],
  ["CpuPeriod", 0],
  ["CpuQuota", 0],
  ["CpuRealtimePeriod", 0],
  ["CpuRealtimeRuntime", 0],
  ["CpusetCpus", ""],
  ["CpusetMems", ""],
  ["Devices", []],
  ["DeviceCgroupRules", null],
  ["DeviceRequests", null],
  ["MemoryReservation", 0],
  ["MemorySwap", 0],
  ["MemorySwappiness", 0],
  ["OomKillDisable", false],
  ["Init", undefined],
  ["PidsLimit", 0],
  ["Ulimits", []],
  ["CpuCount", 0],
  ["CpuPercent", 0],
  ["IOMaximumIOps", 0],
  ["IOMaximumBandwidth", 0],
  ["MaskedPaths", null],
  ["ReadonlyPaths", null],
] as const;

/** `HostConfig` of `/containers/ID/json`. */
export function dockerHostConfig(engine: Engine, { config, state }: Container): Record<string, unknown> {
  const own = hostConfigSection(config, engine);
  const cgroup = own["CgroupMode"];
  const adapted: Record<string, unknown> = {
    ...own,
    Binds: isStringList(own["Binds"]) ? own["Binds"].map(withoutAccess).sort() : [],
    LogConfig: { Type: config.log.driver === "k8s-file" ? "json-file" : config.log.driver, Config: null },
    CapAdd: withoutPrefix(own["CapAdd"]),
    CapDrop: withoutPrefix(own["CapDrop"]),
    CgroupnsMode: cgroup === "private" || cgroup === "host" ? cgroup : "",
    // Known from the first start on, as the original has it.
    Annotations: state.startedAt === "" ? undefined : (own["Annotations"] ?? undefined),
    Tmpfs: isRecord(own["Tmpfs"]) && Object.keys(own["Tmpfs"]).length > 0 ? own["Tmpfs"] : undefined,
  };
  return Object.fromEntries(HOST_CONFIG_KEYS.map(([key, fallback]) => [key, adapted[key] ?? fallback]));
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

/** Docker says only `ro`: read and write is how it is. */
function withoutAccess(bind: string): string {
  return bind.replace(
    /:([^:]*)$/,
    (_, options: string) =>
      `:${options
        .split(",")
        .filter((option) => option !== "rw")
        .join(",")}`,
  );
}

function withoutPrefix(names: unknown): string[] {
  return isStringList(names) ? names.map((name) => name.replace(/^CAP_/, "")) : [];
}
