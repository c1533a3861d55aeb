import type { ContainerCreateBody, HostConfigBody } from "../../wire/container-create.ts";

/**
 * Docker's body for a new container as words of `podman create`: each key of the one is a flag of the other, and so has its checks and its
 * defaults. Networks that are given with addresses are not among them.
 */
export function createArguments(
  body: ContainerCreateBody,
  { name, network }: { readonly name: string; readonly network: string },
): string[] {
  const host = body.HostConfig ?? {};
  return [
    ...one("name", name),
    ...one("network", network),
    ...processArguments(body),
    ...hostArguments(host),
    ...namespaceArguments(host),
    ...resourceArguments(host),
    ...deviceArguments(host),
    ...storageArguments(body, host),
    ...networkArguments(body, host),
    ...healthArguments(body),
    "--",
    body.Image ?? "",
    ...wordsOf(body.Cmd),
  ];
}

type Maybe<T> = T | null | undefined;

function one(flag: string, value: Maybe<string | number>): string[] {
  return value === undefined || value === null || value === "" ? [] : [`--${flag}=${value}`];
}

/** Docker writes 0 for what is not limited. */
function positive(flag: string, value: Maybe<number>): string[] {
  return value ? [`--${flag}=${value}`] : [];
}

function onOff(flag: string, value: Maybe<boolean>): string[] {
  return value === true ? [`--${flag}`] : [];
}

function each(flag: string, values: Maybe<readonly string[]>): string[] {
  return (values ?? []).map((value) => `--${flag}=${value}`);
}

/** For flags that split their value at commas. */
function eachQuoted(flag: string, values: Maybe<readonly string[]>): string[] {
  return (values ?? []).map((value) => `--${flag}=${/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value}`);
}

function pairs(map: Maybe<Readonly<Record<string, string | null>>>): string[] {
  return Object.entries(map ?? {}).map(([key, value]) => `${key}=${value ?? ""}`);
}

function wordsOf(value: Maybe<string | readonly string[]>): readonly string[] {
  return value === undefined || value === null ? [] : typeof value === "string" ? [value] : value;
}

function processArguments(body: ContainerCreateBody): string[] {
  return [
    ...entrypoint(body.Entrypoint),
    ...each("env", body.Env),
    ...each("unsetenv", body.UnsetEnv),
    ...onOff("unsetenv-all", body.UnsetEnvAll),
    ...one("hostname", body.Hostname),
    ...onOff("interactive", body.OpenStdin),
    ...onOff("tty", body.Tty),
    ...each("label", pairs(body.Labels)),
    ...one("stop-signal", body.StopSignal),
    ...one("stop-timeout", body.StopTimeout),
    ...one("user", body.User),
    ...one("workdir", body.WorkingDir),
  ];
}

/** An empty list clears the image's; no list leaves it. */
function entrypoint(value: ContainerCreateBody["Entrypoint"]): string[] {
  if (value === undefined || value === null || value === "") return [];
  return [`--entrypoint=${JSON.stringify(wordsOf(value))}`];
}

function hostArguments(host: HostConfigBody): string[] {
  const policy = host.RestartPolicy?.Name ?? "";
  const retries = policy === "on-failure" ? `:${host.RestartPolicy?.MaximumRetryCount ?? 0}` : "";
  return [
    ...each("annotation", pairs(host.Annotations)),
    ...onOff("rm", host.AutoRemove),
    ...one("restart", policy === "" ? "" : `${policy}${retries}`),
    ...onOff("init", host.Init),
    ...one("cidfile", host.ContainerIDFile),
    ...eachQuoted("cap-add", wordsOf(host.CapAdd)),
    ...eachQuoted("cap-drop", wordsOf(host.CapDrop)),
    ...eachQuoted("group-add", host.GroupAdd),
    ...onOff("privileged", host.Privileged),
    ...each("security-opt", host.SecurityOpt),
    ...one("log-driver", host.LogConfig?.Type),
    ...each("log-opt", pairs(host.LogConfig?.Config)),
  ];
}

function namespaceArguments(host: HostConfigBody): string[] {
  return [
    ...one("cgroupns", host.CgroupnsMode),
    ...one("ipc", host.IpcMode),
    ...one("pid", host.PidMode),
    ...one("userns", host.UsernsMode),
    ...one("uts", host.UTSMode),
  ];
}

function resourceArguments(host: HostConfigBody): string[] {
  return [
    ...one("cgroup-parent", host.CgroupParent),
    ...positive("memory", host.Memory),
    ...positive("memory-reservation", host.MemoryReservation),
    ...positive("memory-swap", host.MemorySwap),
    ...one("memory-swappiness", host.MemorySwappiness),
    ...positive("cpu-period", host.CpuPeriod),
    ...positive("cpu-quota", host.CpuQuota),
    ...positive("cpu-rt-period", host.CpuRealtimePeriod),
    ...positive("cpu-rt-runtime", host.CpuRealtimeRuntime),
    ...positive("cpu-shares", host.CpuShares),
    ...(host.NanoCpus ? [`--cpus=${host.NanoCpus / 1e9}`] : []),
    ...one("cpuset-cpus", host.CpusetCpus),
    ...one("cpuset-mems", host.CpusetMems),
    ...onOff("oom-kill-disable", host.OomKillDisable),
    ...positive("oom-score-adj", host.OomScoreAdj),
    ...one("pids-limit", host.PidsLimit),
    ...one("shm-size", host.ShmSize || undefined),
    ...eachQuoted("sysctl", pairs(host.Sysctls)),
    ...(host.Ulimits ?? []).map(({ Name, Soft, Hard }) => `--ulimit=${Name}=${Soft ?? 0}:${Hard ?? Soft ?? 0}`),
  ];
}

function deviceArguments(host: HostConfigBody): string[] {
  const rates = (flag: string, list: HostConfigBody["BlkioDeviceReadBps"]): string[] =>
    (list ?? []).map(({ Path, Rate }) => `--${flag}=${Path}:${Rate}`);
  return [
    ...(host.Devices ?? []).map(
      ({ PathOnHost, PathInContainer, CgroupPermissions }) =>
        `--device=${PathOnHost}:${PathInContainer || PathOnHost}:${CgroupPermissions || "rwm"}`,
    ),
    ...(host.DeviceRequests ?? []).flatMap(({ Driver, DeviceIDs }) => (Driver === "cdi" ? each("device", DeviceIDs) : [])),
    ...each("device-cgroup-rule", host.DeviceCgroupRules),
    ...positive("blkio-weight", host.BlkioWeight),
    ...(host.BlkioWeightDevice ?? []).map(({ Path, Weight }) => `--blkio-weight-device=${Path}:${Weight}`),
    ...rates("device-read-bps", host.BlkioDeviceReadBps),
    ...rates("device-write-bps", host.BlkioDeviceWriteBps),
    ...rates("device-read-iops", host.BlkioDeviceReadIOps),
    ...rates("device-write-iops", host.BlkioDeviceWriteIOps),
  ];
}

function storageArguments(body: ContainerCreateBody, host: HostConfigBody): string[] {
  const binds = host.Binds ?? [];
  const mounts = host.Mounts ?? [];
  const taken = new Set([...binds.map((bind) => bind.split(":")[1] ?? bind), ...mounts.map(({ Target }) => Target ?? "")]);
  const anonymous = Object.keys(body.Volumes ?? {}).filter((path) => !taken.has(path));
  return [
    ...onOff("read-only", host.ReadonlyRootfs),
    ...each("volume", [...binds, ...anonymous]),
    ...mounts.map((mount) => `--mount=${mountText(mount)}`),
    ...each(
      "tmpfs",
      Object.entries(host.Tmpfs ?? {}).map(([path, options]) => (options ? `${path}:${options}` : path)),
    ),
    ...each("volumes-from", host.VolumesFrom),
    ...each("storage-opt", pairs(host.StorageOpt)),
  ];
}

type MountBody = NonNullable<HostConfigBody["Mounts"]>[number];

function mountText({ Type, Source, Target, ReadOnly, BindOptions, TmpfsOptions, VolumeOptions }: MountBody): string {
  const field = (name: string, value: Maybe<string | number>): string[] =>
    value === undefined || value === null || value === "" ? [] : [`${name}=${value}`];
  return [
    ...field("type", Type),
    ...field("source", Source),
    ...field("target", Target),
    ...(ReadOnly === true ? ["ro=true"] : []),
    ...field("bind-propagation", BindOptions?.Propagation),
    ...(BindOptions?.NonRecursive === true ? ["bind-nonrecursive=true"] : []),
    ...field("tmpfs-size", TmpfsOptions?.SizeBytes || undefined),
    ...field("tmpfs-mode", TmpfsOptions?.Mode ? TmpfsOptions.Mode.toString(8) : undefined),
    ...field("subpath", VolumeOptions?.Subpath),
  ]
    .map((part) => (/[",]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part))
    .join(",");
}

function networkArguments(body: ContainerCreateBody, host: HostConfigBody): string[] {
  return [
    ...eachQuoted("add-host", host.ExtraHosts),
    ...eachQuoted("dns", host.Dns),
    ...eachQuoted("dns-option", host.DnsOptions),
    ...eachQuoted("dns-search", host.DnsSearch),
    ...eachQuoted("expose", Object.keys(body.ExposedPorts ?? {})),
    ...onOff("publish-all", host.PublishAllPorts),
    ...Object.entries(host.PortBindings ?? {}).flatMap(([port, bindings]) => (bindings ?? []).map((binding) => publish(port, binding))),
  ];
}

function publish(port: string, { HostIp, HostPort }: { HostIp?: Maybe<string>; HostPort?: Maybe<string> }): string {
  const address = HostIp ? `${HostIp.includes(":") ? `[${HostIp}]` : HostIp}:` : "";
  const hostPort = HostPort && HostPort !== "0" ? HostPort : "";
  return `--publish=${address === "" && hostPort === "" ? "" : `${address}${hostPort}:`}${port}`;
}

function healthArguments({ Healthcheck: health }: ContainerCreateBody): string[] {
  if (!health) return [];
  const nanoseconds = (flag: string, value: Maybe<number>): string[] => (value ? [`--${flag}=${value / 1e9}s`] : []);
  return [
    ...(health.Test && health.Test.length > 0 ? [`--health-cmd=${health.Test[0] === "NONE" ? "none" : JSON.stringify(health.Test)}`] : []),
    ...nanoseconds("health-interval", health.Interval),
    ...nanoseconds("health-timeout", health.Timeout),
    ...nanoseconds("health-start-period", health.StartPeriod),
    ...positive("health-retries", health.Retries),
  ];
}
