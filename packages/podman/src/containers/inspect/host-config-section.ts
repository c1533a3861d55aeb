import { normalizeCapability } from "@containers/common/security/capabilities";
import type { NamespaceMode } from "../../container-spec/namespace-spec.ts";
import type { Engine } from "../../engine/engine.ts";
import { kubeAnnotations } from "../../kube/kube-annotations.ts";
import type { ContainerConfig } from "../config.ts";
import { shownAnnotations } from "../prepare/annotations.ts";
import { containerUlimits } from "../prepare/container-ulimits.ts";
import { toSpecMount } from "../prepare/user-mounts.ts";
import { compact, orNull } from "./compact.ts";
import { portBindings } from "./network-settings.ts";

export function hostConfigSection(
  config: ContainerConfig,
  engine: Pick<Engine, "sys" | "state" | "defaults" | "rootless">,
): Record<string, unknown> {
  const { network, security } = config;
  return compact({
    Binds: binds(config),
    CgroupManager: config.cgroupManager,
    CgroupMode: modeText(config.namespaces.cgroup),
    ContainerIDFile: config.cidfile,
    LogConfig: {
      Type: config.log.driver,
      Config: null,
      Path: config.log.path,
      Tag: config.log.tag ?? "",
      Size: sizeText(config.log.maxSize),
    },
    NetworkMode: networkModeText(config),
    PortBindings: portBindings(network.ports, []),
    RestartPolicy: { Name: config.restart.name, MaximumRetryCount: config.restart.retries ?? 0 },
    AutoRemove: config.autoRemove,
    AutoRemoveImage: config.autoRemoveImage ?? false,
    Annotations: orNull(shownAnnotations(config)),
    VolumeDriver: "",
    VolumesFrom: config.volumesFrom.length === 0 ? null : config.volumesFrom,
    ...capabilityKeys(config, engine),
    Dns: network.dns.filter((server) => server !== "none"),
    DnsOptions: network.dnsOptions,
    DnsSearch: network.dnsSearch,
    ExtraHosts: network.addHosts,
    HostsFile: network.hostsFile,
    GroupAdd: config.groupAdd.filter((group) => group !== "keep-groups"),
    IpcMode: modeText(config.namespaces.ipc),
    Cgroup: "",
    Cgroups: config.resources.cgroups === "disabled" ? "disabled" : "default",
    Links: null,
    OomScoreAdj: config.resources.oomScoreAdj ?? 0,
    PidMode: modeText(config.namespaces.pid),
    Privileged: security.privileged ?? false,
    // The annotation is a kube file's.
    PublishAllPorts: network.publishAll || config.annotations[kubeAnnotations.publishAll] === "TRUE",
    ReadonlyRootfs: config.readOnly,
    SecurityOpt: security.securityOptions ?? [],
    Tmpfs: tmpfs(config),
    UTSMode: modeText(config.namespaces.uts),
    UsernsMode: config.namespaces.user,
    IDMappings: idMappings(config),
    ShmSize: config.shmSize,
    Runtime: "oci",
    ConsoleSize: [0, 0],
    Isolation: "",
    ...resourceKeys(config, engine),
    CgroupConf: orNull(config.resources.unified ?? {}),
    IntelRdtClosID: config.resources.rdtClass,
  });
}

function resourceKeys(config: ContainerConfig, engine: Pick<Engine, "sys" | "defaults" | "rootless">): Record<string, unknown> {
  const { resources } = config;
  const { memory, memoryReservation, memorySwap, oomKillDisable } = resources;
  const limited = Boolean(memory) || Boolean(memoryReservation) || Boolean(memorySwap) || oomKillDisable === true;
  return {
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memory ?? 0,
    NanoCpus: Math.round((resources.cpus ?? 0) * 1e9),
    CgroupParent: config.cgroupParent === "" && inUserSlice(config, engine) ? "user.slice" : config.cgroupParent,
    BlkioWeight: resources.blkioWeight ?? 0,
    ...blockKeys(resources),
    CpuPeriod: resources.cpus ? 100_000 : (resources.cpuPeriod ?? 0),
    CpuQuota: resources.cpus ? Math.round(resources.cpus * 100_000) : (resources.cpuQuota ?? 0),
    CpuRealtimePeriod: resources.cpuRealtimePeriod ?? 0,
    CpuRealtimeRuntime: resources.cpuRealtimeRuntime ?? 0,
    CpusetCpus: resources.cpusetCpus ?? "",
    CpusetMems: resources.cpusetMems ?? "",
    Devices: config.devices.map(({ source, target, permissions }) => ({
      PathOnHost: source,
      PathInContainer: target,
      CgroupPermissions: permissions ?? "",
    })),
    DiskQuota: 0,
    KernelMemory: 0,
    MemoryReservation: resources.memoryReservation ?? 0,
    // Without a limit (-1) there is nothing to show.
    MemorySwap: Math.max(0, memorySwap ?? (memory ?? 0) * 2),
    MemorySwappiness: resources.memorySwappiness ?? (limited ? -1 : 0),
    OomKillDisable: resources.oomKillDisable ?? false,
    ...(config.initPath === undefined ? {} : { Init: true }),
    PidsLimit: resources.pidsLimit ?? (resources.cgroups === "disabled" ? 0 : engine.defaults.pidsLimit),
    Ulimits: containerUlimits(engine, config).map(({ name, soft, hard }) => ({
      Name: `RLIMIT_${name.toUpperCase()}`,
      Soft: soft,
      Hard: hard,
    })),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  };
}

/** Where an ordinary user's containers go unless something else was asked for. The machine's own slice is not shown. */
function inUserSlice({ cgroupManager, resources }: ContainerConfig, { rootless }: Pick<Engine, "rootless">): boolean {
  return rootless && cgroupManager === "systemd" && !["disabled", "split"].includes(resources.cgroups ?? "");
}

/** What `all` stands for is listed, less what the container has anyway. */
function capabilityKeys({ security, capabilities }: ContainerConfig, { defaults }: Pick<Engine, "defaults">): object {
  const all = (names: readonly string[] = []): boolean => names.some((name) => name.toUpperCase() === "ALL");
  const { capAdd = [], capDrop = [] } = security;
  const added = all(capAdd) ? capabilities.filter((name) => !defaults.capabilities.includes(name)) : capAdd.map(normalizeCapability);
  const dropped = all(capDrop) ? defaults.capabilities.filter((name) => !capabilities.includes(name)) : capDrop.map(normalizeCapability);
  return { CapAdd: added, CapDrop: dropped };
}

/** Nothing is null where one of them is set. */
function blockKeys(resources: ContainerConfig["resources"]): object {
  const {
    blkioWeight,
    blkioWeightDevices = [],
    deviceReadBps = [],
    deviceWriteBps = [],
    deviceReadIops = [],
    deviceWriteIops = [],
  } = resources;
  const devices = [blkioWeightDevices, deviceReadBps, deviceWriteBps, deviceReadIops, deviceWriteIops];
  const none = blkioWeight === undefined && devices.every(({ length }) => length === 0);
  const shown = <T>(list: readonly T[], row: (one: T) => object): object[] | null => (none ? null : list.map(row));
  const throttle = ({ path, rate }: { readonly path: string; readonly rate: number }): object => ({ Path: path, Rate: rate });
  return {
    BlkioWeightDevice: shown(blkioWeightDevices, ({ path, weight }) => ({ Path: path, Weight: weight })),
    BlkioDeviceReadBps: shown(deviceReadBps, throttle),
    BlkioDeviceWriteBps: shown(deviceWriteBps, throttle),
    BlkioDeviceReadIOps: shown(deviceReadIops, throttle),
    BlkioDeviceWriteIOps: shown(deviceWriteIops, throttle),
  };
}

/** Volumes come first, as the original has them: `SOURCE:TARGET:` and all options, the user's own first. An overlay on a directory is none. */
function binds({ mounts }: ContainerConfig): string[] {
  const volumes = mounts.filter((mount) => mount.type === "volume");
  const directories = mounts.filter((mount) => mount.type === "bind").filter(({ options }) => !options.includes("O"));
  return [...volumes, ...directories].map((mount) => {
    const added = toSpecMount(mount, "").options.filter((option) => !mount.options.includes(option));
    // The kind of bind is said last, what the engine adds to a volume's options after how it propagates.
    const order = (option: string): number => (/^r?bind$/.test(option) ? 2 : option === "nosuid" || option === "nodev" ? 1 : 0);
    const settled = added.filter((option) => option !== "copy-symlink").sort((one, other) => order(one) - order(other));
    return `${mount.type === "bind" ? mount.source : mount.name}:${mount.target}:${[...mount.options, ...settled].join(",")}`;
  });
}

function tmpfs(config: ContainerConfig): Record<string, string> {
  return Object.fromEntries(
    config.mounts.flatMap((mount) => (mount.type === "tmpfs" ? [[mount.target, toSpecMount(mount, "").options.join(",")]] : [])),
  );
}

function modeText(mode: NamespaceMode): string {
  if (mode.kind === "container") return `container:${mode.container}`;
  return mode.kind === "path" ? `ns:${mode.path}` : mode.kind;
}

function networkModeText({ network }: ContainerConfig): string {
  const { mode } = network;
  if (mode.kind === "container") return `container:${mode.container}`;
  return mode.kind === "path" ? `ns:${mode.path}` : mode.kind;
}

function idMappings(config: ContainerConfig): Record<string, readonly string[]> | undefined {
  if (config.idMappings === undefined) return undefined;
  const text = (maps: NonNullable<ContainerConfig["idMappings"]>["uidMap"]): string[] =>
    maps.map(({ containerId, hostId, size }) => `${containerId}:${hostId}:${size}`);
  return { UidMap: text(config.idMappings.uidMap), GidMap: text(config.idMappings.gidMap) };
}

/** Bytes as the original prints a log's size limit: `-1B` for none. */
function sizeText(bytes: number | undefined): string {
  if (bytes === undefined || bytes < 0) return "-1B";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${Number(value.toPrecision(4))}${units[unit]}`;
}
