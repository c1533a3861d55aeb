import { z } from "zod";

const namedVolume = z.object({
  volumeName: z.string(),
  dest: z.string(),
  options: z.array(z.string()).nullish(),
  setAnonymous: z.boolean().optional(),
  SubPath: z.string().optional(),
});

const network = z.object({
  interface_name: z.string().optional(),
  aliases: z.array(z.string()).nullish(),
  static_ips: z.array(z.string()).nullish(),
  static_mac: z.string().optional(),
});

const port = z.object({
  host_ip: z.string(),
  container_port: z.number(),
  host_port: z.number(),
  range: z.number(),
  protocol: z.enum(["tcp", "udp", "sctp"]),
});

const text = z.string().optional();
const texts = z.array(z.string()).nullish();
const flag = z.boolean().optional();
const number = z.number().optional();

/** `config.dump`: the original's keys that matter to a container that is made anew; all others are passed over. */
export const dumpedConfigSchema = z.looseObject({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/),
  pod: text,
  CreateCommand: texts,
  RawImageName: text,
  rootfsImageID: text,
  rootfsImageName: text,
  rootfs: text,
  shmSize: number,
  storageOpts: z.nullish(z.record(z.string(), z.string())),
  namedVolumes: z.array(namedVolume).nullish(),
  createWorkingDir: flag,
  passwd: flag,
  privileged: flag,
  user: text,
  groups: texts,
  pidNsCtr: text,
  ipcNsCtr: text,
  utsNsCtr: text,
  cgroupNsCtr: text,
  netNsCtr: text,
  Dependencies: texts,
  createNetNS: flag,
  newPortMappings: z.array(port).nullish(),
  dnsServer: texts,
  dnsSearch: texts,
  dnsOption: texts,
  UseImageResolvConf: flag,
  useImageHostname: flag,
  UseImageHosts: flag,
  hostsAdd: texts,
  newNetworks: z.record(z.string(), network).nullish(),
  networkMode: text,
  userVolumes: texts,
  entrypoint: texts,
  command: texts,
  stdin: flag,
  labels: z.record(z.string(), z.string()).nullish(),
  stopSignal: number,
  stopTimeout: number,
  timeout: number,
  logTag: text,
  logSize: number,
  logDriver: text,
  restart_policy: text,
  restart_retries: number,
  runtime: text,
  sdnotifyMode: text,
  timezone: text,
  umask: text,
  /** Of ours alone: the whole configuration. */
  ownConfig: z.unknown().optional(),
});

export type DumpedConfig = Readonly<z.input<typeof dumpedConfigSchema>> | ReadonlyDump;

/** The same with lists that may not be changed, as the writer has them. */
type ReadonlyDump = {
  readonly [Key in keyof z.input<typeof dumpedConfigSchema>]: Frozen<z.input<typeof dumpedConfigSchema>[Key]>;
};
type Frozen<T> = T extends (infer Item)[] ? readonly Frozen<Item>[] : T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;

export type ParsedDump = z.output<typeof dumpedConfigSchema>;

/** `spec.dump`: the runtime's configuration; what is read of it, the rest is kept as it is. */
export const dumpedSpecSchema = z.looseObject({
  process: z.looseObject({
    terminal: flag,
    args: z.array(z.string()),
    env: z.array(z.string()).nullish(),
    cwd: z.string(),
    capabilities: z.looseObject({ bounding: texts }).optional(),
    noNewPrivileges: flag,
  }),
  root: z.looseObject({ path: z.string(), readonly: flag }),
  hostname: text,
  mounts: z.array(
    z.looseObject({ destination: z.string(), type: z.string().default("bind"), source: z.string().default(""), options: texts }),
  ),
  annotations: z.record(z.string(), z.string()).nullish(),
  linux: z.looseObject({
    namespaces: z.array(z.looseObject({ type: z.string(), path: text })),
    maskedPaths: texts,
    readonlyPaths: texts,
  }),
});

export type DumpedSpec = z.output<typeof dumpedSpecSchema>;
