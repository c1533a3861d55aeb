import type { RuntimeSpec } from "@containers/common/spec-builder/runtime-spec";
import type { ContainerConfig, MountConfig } from "../config.ts";
import type { DumpedConfig } from "./dumped-config.ts";

/**
 * A container's configuration as `config.dump` has it: the original's keys, as far as it needs them to make the container anew, and under one key
 * of ours, which it passes over, everything.
 */
export function toDump(config: ContainerConfig, spec: RuntimeSpec): DumpedConfig {
  const { network, log } = config;
  return {
    spec,
    id: config.id,
    name: config.name,
    ...(config.podId === "" ? {} : { pod: config.podId }),
    lockID: 0,
    CreateCommand: config.createCommand,
    RawImageName: config.rawImageName,
    idMappingsOptions: { HostUIDMapping: true, HostGIDMapping: true, UIDMap: null, GIDMap: null, AutoUserNs: false },
    rootfsImageID: config.imageId,
    rootfsImageName: config.imageName,
    ...(config.rootfs === undefined ? {} : { rootfs: config.rootfs }),
    ShmDir: `${config.staticDir}/shm`,
    shmSize: config.shmSize,
    shmSizeSystemd: 0,
    staticDir: config.staticDir,
    mounts: [`${config.staticDir}/shm`],
    namedVolumes: config.mounts.flatMap(namedVolume),
    createWorkingDir: config.workdirFromImage,
    secretsPath: `${config.staticDir}/secrets`,
    storageOpts: config.storageOptions ?? null,
    passwd: config.passwd,
    privileged: config.security.privileged ?? false,
    labelopts: ["disable"],
    user: config.user,
    groups: config.groupAdd,
    ...namespaceLenders(config),
    createNetNS: ["bridge", "pasta", "slirp4netns"].includes(network.mode.kind),
    newPortMappings: network.ports,
    dnsServer: network.dns,
    dnsSearch: network.dnsSearch,
    dnsOption: network.dnsOptions,
    UseImageResolvConf: network.dns.includes("none"),
    useImageHostname: network.noHostname,
    UseImageHosts: network.noHosts,
    hostsAdd: network.addHosts,
    newNetworks: dumpedNetworks(config),
    networkMode: network.mode.kind,
    userVolumes: config.mounts.map(({ target }) => target),
    entrypoint: config.entrypoint,
    command: config.command,
    stdin: config.stdin,
    labels: config.labels,
    stopSignal: config.stopSignal,
    stopTimeout: config.stopTimeout,
    timeout: config.timeout,
    createdTime: config.createdAt,
    cgroupManager: config.cgroupManager,
    cgroupsMode: config.resources.cgroups ?? "enabled",
    cgroupParent: config.cgroupParent,
    logPath: log.path,
    logTag: log.tag ?? "",
    logSize: log.maxSize ?? -1,
    logDriver: log.driver,
    restart_policy: config.restart.name,
    restart_retries: config.restart.retries ?? 0,
    runtime: config.runtime,
    sdnotifyMode: config.sdnotify,
    timezone: config.timezone,
    umask: config.umask,
    healthcheck: null,
    ownConfig: config,
  };
}

function namedVolume(mount: MountConfig): NonNullable<DumpedConfig["namedVolumes"]> {
  if (mount.type !== "volume") return [];
  const { name, target, options, anonymous, subpath } = mount;
  return [
    {
      volumeName: name,
      dest: target,
      options: [...options, "rprivate", "nosuid", "nodev", "rbind"],
      ...(anonymous ? { setAnonymous: true } : {}),
      ...(subpath === undefined ? {} : { SubPath: subpath }),
    },
  ];
}

/** In a pod the infra container lends them; the original takes the ids as a sign and puts those of the new pod's. */
function namespaceLenders({ namespaces, network }: ContainerConfig) {
  const { pid, ipc, uts, cgroup } = namespaces;
  return {
    ...(pid.kind === "container" ? { pidNsCtr: pid.container } : {}),
    ...(ipc.kind === "container" ? { ipcNsCtr: ipc.container } : {}),
    ...(uts.kind === "container" ? { utsNsCtr: uts.container } : {}),
    ...(cgroup.kind === "container" ? { cgroupNsCtr: cgroup.container } : {}),
    ...(network.mode.kind === "container" ? { netNsCtr: network.mode.container } : {}),
  };
}

/** Without the alias that is the container's own short id: a copy gets another one. */
function dumpedNetworks({ id, network }: ContainerConfig): DumpedConfig["newNetworks"] {
  const entries = Object.entries(network.networks).map(([name, { interfaceName, aliases, staticIps, staticMac }]) => [
    name,
    {
      interface_name: interfaceName,
      aliases: aliases.filter((alias) => alias !== id.slice(0, 12)),
      ...(staticIps.length === 0 ? {} : { static_ips: staticIps }),
      ...(staticMac === undefined ? {} : { static_mac: staticMac }),
    },
  ]);
  return Object.fromEntries(entries);
}
