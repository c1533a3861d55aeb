import type { ContainerSpec, LogSpec } from "../../container-spec/container-spec.ts";
import type { NamespaceMode, UserNamespaceMode } from "../../container-spec/namespace-spec.ts";
import type { NetworkSpec } from "../../container-spec/network-spec.ts";
import type { VolumeSpec } from "../../container-spec/volume-spec.ts";
import { parseUserMode } from "../../user-namespaces/parse-user-mode.ts";
import type { ContainerConfig } from "../config.ts";

/**
 * What would have to be asked for to get a container like this one: for a clone. The name, the pod and what was chosen for this container alone
 * are left out.
 */
export function specOfConfig(config: ContainerConfig): ContainerSpec {
  const { imageName, imageId, rootfs, rootfsOverlay, rootfsMapping } = config;
  return {
    ...(rootfs === undefined ? { image: imageName || imageId } : { rootfs, rootfsOverlay, rootfsMapping }),
    pull: { policy: "missing" },
    command: config.command,
    entrypoint: config.entrypoint,
    env: config.env,
    unsetEnvAll: true,
    httpProxy: false,
    envHost: false,
    workdir: config.workdir,
    user: config.user,
    groupAdd: config.groupAdd,
    hostname: hostnameOf(config),
    umask: config.umask,
    labels: config.labels,
    annotations: annotationsOf(config),
    interactive: config.stdin,
    tty: config.tty,
    remove: config.autoRemove,
    removeImage: config.autoRemoveImage,
    restart: config.restart.isDefault === true ? undefined : config.restart,
    stopSignal: String(config.stopSignal),
    stopTimeout: config.stopTimeout,
    timeout: config.timeout,
    init: config.initPath !== undefined,
    initPath: config.initPath,
    initContainer: config.initContainer,
    network: networkOf(config),
    namespaces: { ...config.namespaces, ...uts(config), user: userOf(config) },
    security: config.security,
    resources: { ...config.resources, cgroupParent: config.podId === "" ? config.resources.cgroupParent : undefined },
    volumes: config.mounts.map(volumeOf),
    devices: config.devices,
    cdiDevices: config.cdiDevices,
    shmSizeSystemd: config.shmSizeSystemd,
    storageOptions: Object.entries(config.storageOptions ?? {}).map(([key, value]) => `${key}=${value}`),
    imageVolumes: "ignore",
    readOnly: config.readOnly,
    readOnlyTmpfs: config.readOnlyTmpfs,
    shmSize: config.shmSize,
    log: logOf(config),
    secrets: config.secrets,
    health: config.health ?? { test: ["NONE"] },
    systemd: config.systemd ? "always" : "false",
    sdnotify: config.sdnotify as ContainerSpec["sdnotify"],
    passwd: config.passwd,
    hostUsers: config.hostUsers,
    timezone: config.timezone,
    createCommand: config.createCommand,
    runtime: config.runtime,
  };
}

/** One that was chosen; a new container has a beginning of its own id. */
function hostnameOf({ id, hostname, namespaces }: ContainerConfig): string | undefined {
  return id.startsWith(hostname) || namespaces.uts.kind !== "private" ? undefined : hostname;
}

/** A shared one is shared again. */
function uts({ namespaces }: ContainerConfig): { readonly uts: NamespaceMode } {
  return { uts: namespaces.uts };
}

/** Those that say how the container itself was made come anew. */
function annotationsOf({ annotations }: ContainerConfig): Record<string, string> {
  const { "io.podman.annotations.userns": _userns, "io.kubernetes.cri-o.SandboxID": _sandbox, ...own } = annotations;
  return own;
}

/** The mode as it was asked for; explicit ids as they were settled. */
export function userOf({ annotations, idMappings, joinedUserNamespace }: ContainerConfig): UserNamespaceMode | undefined {
  if (joinedUserNamespace !== undefined) return joinedUserNamespace;
  if (idMappings === undefined) return undefined;
  const asked = annotations["io.podman.annotations.userns"] ?? "private";
  if (asked !== "private") return parseUserMode(asked);
  const texts = (maps: typeof idMappings.uidMap): string[] =>
    maps.map(({ containerId, hostId, size }) => `${containerId}:${hostId}:${size}`);
  return { kind: "maps", uidMaps: texts(idMappings.uidMap), gidMaps: texts(idMappings.gidMap) };
}

/** The networks with their addresses; names that were the container's own are left out. */
export function networkOf({ id, hostname, network }: ContainerConfig): NetworkSpec {
  const own = new Set([id.slice(0, 12), hostname]);
  const networks = Object.entries(network.networks).map(
    ([name, attachment]) => [name, { ...attachment, aliases: attachment.aliases.filter((alias) => !own.has(alias)) }] as const,
  );
  return {
    mode: network.mode,
    networks: Object.fromEntries(networks),
    modeOptions: network.modeOptions,
    ports: network.ports,
    expose: network.exposed,
    dns: network.dns,
    dnsSearch: network.dnsSearch,
    dnsOptions: network.dnsOptions,
    addHosts: network.addHosts,
    noHosts: network.noHosts,
    noHostname: network.noHostname,
    hostsFile: network.hostsFile,
  };
}

function volumeOf(mount: ContainerConfig["mounts"][number]): VolumeSpec {
  return mount;
}

/** A file in the container's own directory is not the clone's. */
function logOf({ log, staticDir }: ContainerConfig): LogSpec {
  const { path, ...rest } = log;
  return path === "" || path.startsWith(`${staticDir}/`) ? rest : log;
}
