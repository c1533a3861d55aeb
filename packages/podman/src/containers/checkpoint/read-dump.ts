import { ToolError } from "@containers/common/errors/tool-error";
import type { ByteStream } from "@containers/storage/store";
import type { z } from "zod";
import type { ContainerConfig, MountConfig, NetworkConfig } from "../config.ts";
import { PARTS, readMembers } from "./archive.ts";
import { type DumpedSpec, dumpedConfigSchema, dumpedSpecSchema, type ParsedDump } from "./dumped-config.ts";

/** What an archive says of its container. */
export interface Dump {
  readonly config: ParsedDump;
  readonly spec: DumpedSpec;
}

/** What is this machine's own of a container's configuration, whatever the archive says. */
export type LocalConfig = Pick<
  ContainerConfig,
  "id" | "name" | "createdAt" | "imageId" | "imageDigest" | "cgroupManager" | "driver" | "staticDir" | "runDir" | "runtime" | "podId"
>;

/** @throws corrupt for something that is no checkpoint of a container */
export async function readDump(archive: ByteStream): Promise<Dump> {
  const members = await readMembers(archive, [PARTS.config, PARTS.spec]);
  return {
    config: parse(dumpedConfigSchema, member(members, PARTS.config), PARTS.config),
    spec: parse(dumpedSpecSchema, member(members, PARTS.spec), PARTS.spec),
  };
}

function member(members: ReadonlyMap<string, Buffer>, name: string): unknown {
  const bytes = members.get(name);
  if (bytes === undefined)
    throw new ToolError("corrupt", `the archive is no checkpoint of a container: it has no ${name}`, { exitCode: 125 });
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new ToolError("corrupt", `the checkpoint's ${name} cannot be read`, { cause: error });
  }
}

function parse<T extends z.ZodType>(schema: T, value: unknown, name: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ToolError("corrupt", `the checkpoint's ${name} is not valid: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

/** The container's configuration on this machine. */
export function fromDump(dump: Dump, local: LocalConfig): ContainerConfig {
  const base = { ...(ownConfig(dump.config) ?? foreignConfig(dump)) };
  const networks = Object.entries(base.network.networks).map(([name, one]) => [
    name,
    { ...one, aliases: [...one.aliases, local.id.slice(0, 12)] },
  ]);
  return {
    ...base,
    ...local,
    autoRemove: false,
    volatile: false,
    network: { ...base.network, networks: Object.fromEntries(networks) },
    cidfile: "",
    pidfile: `${local.runDir}/pidfile`,
    conmonPidfile: `${local.runDir}/conmon.pid`,
    log: { ...base.log, path: base.log.path === "" ? "" : `${local.staticDir}/ctr.log` },
  };
}

/** What our own checkpoint kept besides. The id proves that it belongs to the rest. */
function ownConfig({ id, ownConfig: own }: ParsedDump): Omit<ContainerConfig, keyof LocalConfig> | undefined {
  if (typeof own !== "object" || own === null || !("id" in own) || own.id !== id || !("network" in own)) return undefined;
  const config = own as ContainerConfig;
  const networks = Object.entries(config.network.networks).map(([name, one]) => [
    name,
    { ...one, aliases: one.aliases.filter((alias) => alias !== id.slice(0, 12)) },
  ]);
  return { ...config, network: { ...config.network, networks: Object.fromEntries(networks) } };
}

/** A container of the original's in our words. */
function foreignConfig({ config, spec }: Dump): Omit<ContainerConfig, keyof LocalConfig> {
  const { process } = spec;
  const driver = config.logDriver === undefined || config.logDriver === "" ? "k8s-file" : config.logDriver;
  const isFile = driver === "k8s-file" || driver === "json-file";
  return {
    imageName: config.rootfsImageName ?? "",
    rawImageName: config.RawImageName ?? "",
    ...(config.rootfs ? { rootfs: config.rootfs } : {}),
    isInfra: false,
    process: process.args,
    entrypoint: config.entrypoint ?? [],
    command: config.command ?? [],
    env: (process.env ?? []).filter((entry) => !/^(HOSTNAME|container|HOME)=/.test(entry)),
    workdir: process.cwd,
    workdirFromImage: config.createWorkingDir ?? false,
    user: config.user ?? "",
    groupAdd: config.groups ?? [],
    hostname: spec.hostname ?? config.id.slice(0, 12),
    umask: config.umask ?? "0022",
    labels: config.labels ?? {},
    annotations: userAnnotations(spec),
    stdin: config.stdin ?? false,
    tty: process.terminal ?? false,
    attach: [],
    autoRemove: false,
    restart: restartPolicy(config),
    stopSignal: config.stopSignal ?? 15,
    stopTimeout: config.stopTimeout ?? 10,
    timeout: config.timeout ?? 0,
    cidfile: "",
    pidfile: "",
    conmonPidfile: "",
    network: networkOf(config),
    namespaces: namespacesOf(spec),
    security: {
      ...(config.privileged === true ? { privileged: true } : {}),
      ...(process.noNewPrivileges === true ? { noNewPrivileges: true } : {}),
    },
    capabilities: process.capabilities?.bounding ?? [],
    resources: {},
    mounts: mountsOf(config, spec),
    volumesFrom: [],
    devices: [],
    readOnly: spec.root.readonly ?? false,
    readOnlyTmpfs: true,
    shmSize: config.shmSize ?? 65_536_000,
    ...(config.storageOpts == null ? {} : { storageOptions: config.storageOpts }),
    log: { driver, path: isFile ? "ctr.log" : "", ...(config.logTag ? { tag: config.logTag } : {}), maxSize: config.logSize || -1 },
    secrets: [],
    dependencies: [],
    cgroupParent: "",
    systemd: false,
    sdnotify: config.sdnotifyMode ?? "container",
    passwd: config.passwd ?? true,
    hostUsers: [],
    timezone: config.timezone ?? "",
    createCommand: config.CreateCommand ?? [],
    volatile: false,
  };
}

/** Those that the engine adds to every container are added anew. */
function userAnnotations({ annotations }: DumpedSpec): Record<string, string> {
  const entries = Object.entries(annotations ?? {});
  return Object.fromEntries(
    entries.filter(([key]) => !/^(io\.container\.manager|org\.opencontainers\.image\.stopSignal|org\.systemd\.property\.)/.test(key)),
  );
}

function restartPolicy({ restart_policy: name, restart_retries: retries }: ParsedDump): ContainerConfig["restart"] {
  if (name !== "always" && name !== "on-failure" && name !== "unless-stopped") return { name: "no" };
  return { name, ...(retries ? { retries } : {}) };
}

function networkOf(config: ParsedDump): NetworkConfig {
  const networks = Object.entries(config.newNetworks ?? {}).map(([name, one], index) => [
    name,
    {
      interfaceName: one.interface_name || `eth${index}`,
      aliases: (one.aliases ?? []).filter((alias) => alias !== config.id.slice(0, 12)),
      staticIps: one.static_ips ?? [],
      ...(one.static_mac === undefined ? {} : { staticMac: one.static_mac }),
      options: {},
    },
  ]);
  return {
    mode: networkMode(config, networks.length > 0),
    networks: Object.fromEntries(networks),
    modeOptions: [],
    ports: config.newPortMappings ?? [],
    publishAll: false,
    exposed: [],
    dns: config.UseImageResolvConf === true ? ["none"] : (config.dnsServer ?? []),
    dnsSearch: config.dnsSearch ?? [],
    dnsOptions: config.dnsOption ?? [],
    addHosts: config.hostsAdd ?? [],
    noHosts: config.UseImageHosts ?? false,
    noHostname: config.useImageHostname ?? false,
    hostsFile: "",
  };
}

function networkMode({ networkMode: mode = "", netNsCtr }: ParsedDump, bridged: boolean): NetworkConfig["mode"] {
  if (netNsCtr) return { kind: "container", container: netNsCtr };
  if (bridged || mode === "bridge") return { kind: "bridge" };
  if (mode.startsWith("pasta")) return { kind: "pasta" };
  if (mode.startsWith("slirp4netns")) return { kind: "slirp4netns" };
  return { kind: mode === "host" ? "host" : "none" };
}

/** A namespace that the spec does not list is the host's. */
function namespacesOf({ linux }: DumpedSpec): ContainerConfig["namespaces"] {
  const listed = new Set(linux.namespaces.map(({ type }) => type));
  const mode = (type: string) => ({ kind: listed.has(type) ? ("private" as const) : ("host" as const) });
  return {
    pid: mode("pid"),
    ipc: listed.has("ipc") ? { kind: "shareable" } : { kind: "host" },
    uts: mode("uts"),
    cgroup: mode("cgroup"),
    user: "",
  };
}

function mountsOf({ namedVolumes, userVolumes }: ParsedDump, spec: DumpedSpec): MountConfig[] {
  const volumes = new Map((namedVolumes ?? []).map((volume) => [volume.dest, volume]));
  const targets = new Set([...volumes.keys(), ...(userVolumes ?? [])]);
  return [...targets].flatMap((target): MountConfig[] => {
    const volume = volumes.get(target);
    if (volume !== undefined) {
      return [
        {
          type: "volume",
          name: volume.volumeName,
          target,
          options: volume.options ?? [],
          anonymous: volume.setAnonymous ?? false,
          ...(volume.SubPath ? { subpath: volume.SubPath } : {}),
        },
      ];
    }
    const mount = spec.mounts.find(({ destination }) => destination === target);
    if (mount === undefined) return [];
    if (mount.type === "tmpfs") return [{ type: "tmpfs", target, options: mount.options ?? [] }];
    return [{ type: "bind", source: mount.source, target, options: mount.options ?? [] }];
  });
}
