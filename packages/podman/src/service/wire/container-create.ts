import * as z from "zod/mini";

/** Go writes null for what is not set. */
const text = z.nullish(z.string());
const flag = z.nullish(z.boolean());
const number = z.nullish(z.number());
const texts = z.nullish(z.array(z.string()));
const textMap = z.nullish(z.record(z.string(), z.nullable(z.string())));
/** One word may stand for a list of it. */
const words = z.nullish(z.union([z.string(), z.array(z.string())]));
/** A set: the keys count. */
const keys = z.nullish(z.record(z.string(), z.unknown()));
const rates = z.nullish(z.array(z.object({ Path: z.string(), Rate: z.number() })));

const endpoint = z.nullish(
  z.object({
    Aliases: texts,
    IPAddress: text,
    GlobalIPv6Address: text,
    MacAddress: text,
    DriverOpts: textMap,
    IPAMConfig: z.nullish(z.object({ IPv4Address: text, IPv6Address: text })),
  }),
);

const healthcheck = z.nullish(
  z.object({ Test: texts, Interval: number, Timeout: number, StartPeriod: number, StartInterval: number, Retries: number }),
);

const mount = z.object({
  Type: text,
  Source: text,
  Target: text,
  ReadOnly: flag,
  Consistency: text,
  BindOptions: z.nullish(z.object({ Propagation: text, NonRecursive: flag, CreateMountpoint: flag })),
  VolumeOptions: z.nullish(z.object({ NoCopy: flag, Subpath: text })),
  TmpfsOptions: z.nullish(z.object({ SizeBytes: number, Mode: number })),
});

const hostConfig = z.object({
  Annotations: textMap,
  AutoRemove: flag,
  Binds: texts,
  BlkioDeviceReadBps: rates,
  BlkioDeviceReadIOps: rates,
  BlkioDeviceWriteBps: rates,
  BlkioDeviceWriteIOps: rates,
  BlkioWeight: number,
  BlkioWeightDevice: z.nullish(z.array(z.object({ Path: z.string(), Weight: z.number() }))),
  CapAdd: words,
  CapDrop: words,
  CgroupParent: text,
  CgroupnsMode: text,
  ContainerIDFile: text,
  CpuPeriod: number,
  CpuQuota: number,
  CpuRealtimePeriod: number,
  CpuRealtimeRuntime: number,
  CpuShares: number,
  CpusetCpus: text,
  CpusetMems: text,
  DeviceCgroupRules: texts,
  DeviceRequests: z.nullish(z.array(z.object({ Driver: text, DeviceIDs: texts }))),
  Devices: z.nullish(z.array(z.object({ PathOnHost: z.string(), PathInContainer: text, CgroupPermissions: text }))),
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  Init: flag,
  IpcMode: text,
  Links: texts,
  LogConfig: z.nullish(z.object({ Type: text, Config: textMap })),
  Memory: number,
  MemoryReservation: number,
  MemorySwap: number,
  MemorySwappiness: number,
  Mounts: z.nullish(z.array(mount)),
  NanoCpus: number,
  NetworkMode: text,
  OomKillDisable: flag,
  OomScoreAdj: number,
  PidMode: text,
  PidsLimit: number,
  PortBindings: z.nullish(z.record(z.string(), z.nullish(z.array(z.object({ HostIp: text, HostPort: text }))))),
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  RestartPolicy: z.nullish(z.object({ Name: text, MaximumRetryCount: number })),
  Runtime: text,
  SecurityOpt: texts,
  ShmSize: number,
  StorageOpt: textMap,
  Sysctls: textMap,
  Tmpfs: textMap,
  UTSMode: text,
  Ulimits: z.nullish(z.array(z.object({ Name: z.string(), Soft: number, Hard: number }))),
  UsernsMode: text,
  VolumesFrom: texts,
});

/** Body of `POST /containers/create`. */
export const containerCreateSchema = z.object({
  Cmd: words,
  Entrypoint: words,
  Env: texts,
  ExposedPorts: keys,
  Healthcheck: healthcheck,
  HostConfig: z.nullish(hostConfig),
  Hostname: text,
  Image: text,
  Labels: textMap,
  MacAddress: text,
  NetworkingConfig: z.nullish(z.object({ EndpointsConfig: z.nullish(z.record(z.string(), endpoint)) })),
  OpenStdin: flag,
  StopSignal: text,
  StopTimeout: number,
  Tty: flag,
  UnsetEnv: texts,
  UnsetEnvAll: flag,
  User: text,
  Volumes: keys,
  WorkingDir: text,
});

export type ContainerCreateBody = z.infer<typeof containerCreateSchema>;
export type HostConfigBody = z.infer<typeof hostConfig>;
export type EndpointBody = z.infer<typeof endpoint>;
