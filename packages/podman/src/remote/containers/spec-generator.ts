import { ToolError } from "@containers/common/errors/tool-error";
import type { PortMapping } from "@containers/common/network/port-mapping";
import { signalNumber } from "@containers/common/sys/signals";
import type {
  ContainerSpec,
  HealthSpec,
  LogSpec,
  NamespaceMode,
  NetworkAttachment,
  NetworkSpec,
  SecretSpec,
  UserNamespaceMode,
} from "../../container-spec/container-spec.ts";
import { expandGlob, type SingleVolume } from "../../container-spec/expand-glob.ts";
import type { SecuritySpec } from "../../container-spec/security-spec.ts";
import { resourceFields } from "./resource-fields.ts";

/** What a user asks of a container as the body of the API's `containers/create` (the original's SpecGenerator). What was not asked for is left out. */
export function specGenerator(spec: ContainerSpec): Record<string, unknown> {
  return withoutAbsent({
    ...processFields(spec),
    ...storageFields(spec),
    ...securityFields(spec.security),
    ...namespaceFields(spec),
    ...networkFields(spec.network),
    ...resourceFields(spec.resources),
    ...secretFields(spec.secrets ?? []),
    ...healthFields(spec.health),
    annotations: annotations(spec),
  });
}

/** Fields whose value is undefined are not sent. */
export function withoutAbsent(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function processFields(spec: ContainerSpec): Record<string, unknown> {
  return {
    name: spec.name,
    pod: spec.pod,
    entrypoint: spec.entrypoint,
    command: spec.command,
    httpproxy: spec.httpProxy,
    env: environment(spec.env ?? []),
    unsetenv: some(spec.unsetEnv),
    unsetenvall: spec.unsetEnvAll,
    terminal: spec.tty ?? false,
    stdin: spec.interactive ?? false,
    labels: spec.labels,
    stop_signal: spec.stopSignal === undefined ? undefined : signal(spec.stopSignal),
    stop_timeout: spec.stopTimeout,
    timeout: spec.timeout,
    log_configuration: spec.log === undefined ? {} : logFields(spec.log),
    restart_policy: spec.restart?.name,
    restart_tries: spec.restart?.retries,
    oci_runtime: spec.runtime,
    systemd: spec.systemd,
    sdnotifyMode: spec.sdnotify,
    hostname: spec.hostname,
    hostusers: some(spec.hostUsers),
    remove: spec.remove ?? false,
    removeImage: spec.removeImage || undefined,
    volatile: spec.remove ?? false,
    containerCreateCommand: spec.createCommand,
    timezone: spec.timezone,
    init_container_type: spec.initContainer,
    dependencyContainers: some(spec.requires),
    manage_password: spec.passwd,
    work_dir: spec.workdir,
    user: spec.user,
    groups: some(spec.groupAdd),
    umask: spec.umask,
    init: spec.init,
    init_path: spec.initPath,
  };
}

function environment(entries: readonly string[]): Record<string, string> | undefined {
  if (entries.length === 0) return undefined;
  return Object.fromEntries(
    entries.map((entry) => {
      const equals = entry.indexOf("=");
      return equals === -1 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

function signal(name: string): number {
  const number = signalNumber(name);
  if (number === undefined) throw new ToolError("invalid-argument", `invalid signal: ${name}`);
  return number;
}

function logFields(log: LogSpec): Record<string, unknown> {
  return withoutAbsent({
    driver: log.driver,
    path: log.path,
    size: log.maxSize,
    options: log.tag === undefined ? undefined : { tag: log.tag },
    labels: log.labels,
  });
}

/** Images, mounts and devices. */
export function storageFields(spec: Omit<ContainerSpec, "network" | "namespaces" | "security" | "resources">): Record<string, unknown> {
  // A pattern fits the files of this machine, as a path would mean them.
  const volumes = (spec.volumes ?? []).flatMap(expandGlob);
  return {
    image: spec.image ?? "",
    raw_image_name: spec.image,
    image_os: spec.pull?.platform?.os,
    image_arch: spec.pull?.platform?.architecture,
    image_variant: spec.pull?.platform?.variant,
    ...rootfsFields(spec.rootfs),
    image_volume_mode: spec.imageVolumes,
    volumes_from: some(spec.volumesFrom),
    mounts: some(volumes.flatMap(mountField)),
    volumes: some(volumes.flatMap(namedVolumeField)),
    overlay_volumes: some(volumes.flatMap(overlayField)),
    image_volumes: some(volumes.flatMap(imageVolumeField)),
    artifact_volumes: some(volumes.flatMap(artifactVolumeField)),
    devices: some(
      (spec.devices ?? []).map(({ source, target, permissions }) => ({
        path: [
          source,
          ...(target === source && permissions === undefined ? [] : [target]),
          ...(permissions === undefined ? [] : [permissions]),
        ].join(":"),
      })),
    ),
    shm_size: spec.shmSize,
    storage_opts: keyed(spec.storageOptions),
    read_only_filesystem: spec.readOnly,
    read_write_tmpfs: spec.readOnly === true && spec.readOnlyTmpfs !== false,
  };
}

/** `DIR`, `DIR:O`, `DIR:idmap[=…]`. */
function rootfsFields(rootfs: string | undefined): Record<string, unknown> {
  const [, path = rootfs, option] = /^(.*):(O|idmap(?:=.*)?)$/.exec(rootfs ?? "") ?? [];
  return {
    rootfs: path,
    rootfs_overlay: option === "O" ? true : undefined,
    rootfs_mapping: option === undefined || option === "O" ? undefined : option,
  };
}

function isOverlay(volume: SingleVolume): volume is SingleVolume & { type: "bind" | "volume" } {
  return (volume.type === "bind" || volume.type === "volume") && volume.options.includes("O");
}

function mountField(volume: SingleVolume): object[] {
  if (volume.type === "image" || volume.type === "artifact" || volume.type === "volume" || isOverlay(volume)) return [];
  const source = volume.type === "bind" ? volume.source : volume.type;
  return [{ destination: volume.target, type: volume.type, source, options: volume.options }];
}

function namedVolumeField(volume: SingleVolume): object[] {
  if (volume.type !== "volume" || isOverlay(volume)) return [];
  return [{ Name: volume.name ?? "", Dest: volume.target, Options: volume.options, SubPath: volume.subpath ?? "" }];
}

function overlayField(volume: SingleVolume): object[] {
  if (!isOverlay(volume)) return [];
  return [{ destination: volume.target, source: volume.type === "bind" ? volume.source : volume.name, options: volume.options }];
}

function imageVolumeField(volume: SingleVolume): object[] {
  if (volume.type !== "image") return [];
  return [{ Source: volume.source, Destination: volume.target, ReadWrite: volume.readWrite, subPath: volume.subpath }];
}

function artifactVolumeField(volume: SingleVolume): object[] {
  if (volume.type !== "artifact") return [];
  const { source, target: destination, title, digest, name } = volume;
  return [{ source, destination, title, digest, name }];
}

function securityFields(security: SecuritySpec): Record<string, unknown> {
  return {
    privileged: security.privileged ?? false,
    cap_add: some(security.capAdd),
    cap_drop: some(security.capDrop),
    no_new_privileges: security.noNewPrivileges,
    seccomp_profile_path: security.seccompProfile,
    ...(security.seccompOfImage === true ? { seccomp_policy: "image" } : {}),
    apparmor_profile: security.apparmorProfile,
    selinux_opts: some(security.labelOptions),
    mask: some(security.mask),
    unmask: some(security.unmask),
  };
}

function namespaceFields({ namespaces }: ContainerSpec): Record<string, unknown> {
  return {
    pidns: namespaceField(namespaces.pid),
    utsns: namespaceField(namespaces.uts),
    ipcns: namespaceField(namespaces.ipc),
    cgroupns: namespaceField(namespaces.cgroup),
    ...userFields(namespaces.user),
  };
}

/** A namespace as the API has it; without `nsmode` the service chooses. */
export function namespaceField(mode: NamespaceMode | undefined): object {
  if (mode === undefined) return {};
  if (mode.kind === "container") return { nsmode: "container", value: mode.container };
  return mode.kind === "path" ? { nsmode: "path", value: mode.path } : { nsmode: mode.kind };
}

/** The user namespace, with the maps that were spelled out. */
export function userFields(mode: UserNamespaceMode | undefined): Record<string, unknown> {
  if (mode === undefined) return {};
  const own = { HostUIDMapping: false, HostGIDMapping: false };
  switch (mode.kind) {
    case "host":
      return { userns: { nsmode: "host" } };
    case "container":
      return { userns: { nsmode: "container", value: mode.container } };
    case "path":
      return { userns: { nsmode: "path", value: mode.path } };
    case "nomap":
      return { userns: { nsmode: "nomap" }, idmappings: own };
    case "keep-id":
      return {
        userns: withoutAbsent({ nsmode: "keep-id", value: pairs({ uid: mode.uid, gid: mode.gid, size: mode.size }) }),
        idmappings: own,
      };
    case "auto":
      return {
        userns: withoutAbsent({ nsmode: "auto", value: mode.text?.replace(/^auto:?/, "") || undefined }),
        idmappings: { ...own, AutoUserNs: true, AutoUserNsOpts: { Size: mode.size ?? 0 } },
      };
    case "maps":
      if (mode.subuidName !== undefined || mode.subgidName !== undefined)
        throw new ToolError("unsupported", "--subuidname and --subgidname are not supported with the remote podman client");
      return {
        userns: { nsmode: "private" },
        idmappings: {
          ...own,
          UIDMap: (mode.uidMaps.length > 0 ? mode.uidMaps : mode.gidMaps).map(idMap),
          GIDMap: (mode.gidMaps.length > 0 ? mode.gidMaps : mode.uidMaps).map(idMap),
        },
      };
  }
}

function pairs(values: Readonly<Record<string, number | undefined>>): string | undefined {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : known.map(([key, value]) => `${key}=${value}`).join(",");
}

/** Plain maps alone: what `+` and `@` mean is known on the service's machine only. */
function idMap(text: string): object {
  const [, container, host, size = "1"] = /^(\d+):(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (container === undefined)
    throw new ToolError(
      "unsupported",
      `the mapping ${JSON.stringify(text)} is not supported with the remote podman client: use CONTAINER:HOST:SIZE`,
    );
  return { container_id: Number(container), host_id: Number(host), size: Number(size) };
}

/** What of networks containers and pods have in common. */
export function networkFields(network: NetworkSpec): Record<string, unknown> {
  const { mode } = network;
  return {
    netns: networkNamespace(network),
    portmappings: some((network.ports ?? []).map(portField)),
    publish_image_ports: network.publishAll ?? false,
    expose: exposedPorts(network.expose ?? []),
    Networks: attachments(network),
    use_image_hostname: network.noHostname ?? false,
    use_image_hosts: network.noHosts ?? false,
    base_hosts_file: network.hostsFile,
    dns_server: some(network.dns?.filter((server) => server !== "none")),
    use_image_resolve_conf: network.dns?.includes("none") ?? false,
    dns_search: some(network.dnsSearch),
    dns_option: some(network.dnsOptions),
    hostadd: some(network.addHosts),
    network_options:
      (mode?.kind === "pasta" || mode?.kind === "slirp4netns") && network.modeOptions !== undefined && network.modeOptions.length > 0
        ? { [mode.kind]: network.modeOptions }
        : undefined,
  };
}

function networkNamespace({ mode }: NetworkSpec): object {
  if (mode === undefined) return {};
  if (mode.kind === "container") return { nsmode: "container", value: mode.container };
  return mode.kind === "path" ? { nsmode: "path", value: mode.path } : { nsmode: mode.kind };
}

function portField({ host_ip, container_port, host_port, range, protocol }: PortMapping): object {
  return { host_ip, container_port, host_port, range, protocol };
}

/** `80/tcp` and `80/udp` become `{"80": "tcp,udp"}`. */
function exposedPorts(texts: readonly string[]): Record<string, string> | undefined {
  const byPort: Record<string, string> = {};
  for (const one of texts) {
    const [port = "", protocol = "tcp"] = one.split("/");
    byPort[port] = byPort[port] === undefined ? protocol : `${byPort[port]},${protocol}`;
  }
  return texts.length === 0 ? undefined : byPort;
}

/** Networks by name; what the flags say of the container's only network belongs to the first. */
function attachments(network: NetworkSpec): Record<string, object> | undefined {
  const own = network.networks ?? {};
  const forFirst =
    (network.aliases ?? []).length > 0 || (network.staticIps ?? []).length > 0 || network.staticMac !== undefined
      ? { aliases: network.aliases, staticIps: network.staticIps, staticMac: network.staticMac }
      : undefined;
  const names = Object.keys(own);
  if (names.length === 0) return forFirst === undefined ? undefined : { default: attachment(compact(forFirst)) };
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => {
      const isFirst = name === names[0];
      const aliases = [...(value.aliases ?? []), ...(network.aliases ?? [])];
      const given = { ...value, ...(aliases.length === 0 ? {} : { aliases }) };
      return [name, attachment(isFirst && forFirst !== undefined ? { ...given, ...compact({ ...forFirst, aliases }) } : given)];
    }),
  );
}

function compact(value: NetworkAttachment | { [Key in keyof NetworkAttachment]: NetworkAttachment[Key] | undefined }): NetworkAttachment {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0)));
}

function attachment({ interfaceName, aliases, staticIps, staticMac, options }: NetworkAttachment): object {
  return withoutAbsent({
    static_ips: some(staticIps),
    aliases: some(aliases),
    static_mac: staticMac,
    interface_name: interfaceName ?? "",
    options: options === undefined || Object.keys(options).length === 0 ? undefined : options,
  });
}

function secretFields(secrets: readonly SecretSpec[]): Record<string, unknown> {
  const mounted = secrets.filter(({ type }) => type === "mount");
  const named = secrets.filter(({ type }) => type === "env");
  return {
    secrets: some(
      mounted.map(({ source, target, uid, gid, mode }) => ({
        Source: source,
        Target: target ?? "",
        UID: uid ?? 0,
        GID: gid ?? 0,
        Mode: mode ?? 0o444,
      })),
    ),
    secret_env: named.length === 0 ? undefined : Object.fromEntries(named.map(({ source, target }) => [target ?? source, source])),
  };
}

const ON_FAILURE = ["none", "invalid", "kill", "restart", "stop"];

function healthFields(health: HealthSpec | undefined): Record<string, unknown> {
  if (health === undefined) return {};
  const { test, interval, timeout, startPeriod, retries, onFailure } = health;
  return {
    healthconfig: withoutAbsent({ Test: test, Interval: interval, Timeout: timeout, StartPeriod: startPeriod, Retries: retries }),
    health_check_on_failure_action: onFailure === undefined ? undefined : ON_FAILURE.indexOf(onFailure),
  };
}

/** What `inspect` shows of the command line, and nothing else tells. */
function annotations(spec: ContainerSpec): Record<string, string> {
  const { resources, namespaces, security } = spec;
  const prefix = "io.podman.annotations.";
  return {
    ...spec.annotations,
    ...(spec.cidfile ? { [`${prefix}cid-file`]: spec.cidfile } : {}),
    ...(namespaces.user?.kind === "auto" && namespaces.user.text !== undefined ? { [`${prefix}userns`]: namespaces.user.text } : {}),
    ...(resources.pidsLimit === undefined ? {} : { [`${prefix}pids-limit`]: String(resources.pidsLimit) }),
    ...(resources.cpusetCpus ? { [`${prefix}cpuset`]: resources.cpusetCpus } : {}),
    ...(resources.cpusetMems ? { [`${prefix}memory-nodes`]: resources.cpusetMems } : {}),
    ...(security.seccompProfile === undefined ? {} : { [`${prefix}seccomp`]: security.seccompProfile }),
    ...(security.apparmorProfile === undefined ? {} : { [`${prefix}apparmor`]: security.apparmorProfile }),
    ...((security.labelOptions ?? []).length === 0 ? {} : { [`${prefix}label`]: (security.labelOptions ?? []).join(",label=") }),
  };
}

function keyed(options: readonly string[] | undefined): Record<string, string> | undefined {
  if (options === undefined || options.length === 0) return undefined;
  return Object.fromEntries(options.map((option) => [option.split("=")[0] ?? "", option.slice(option.indexOf("=") + 1)]));
}

/** An empty list is as good as none. */
function some<T>(values: readonly T[] | undefined): readonly T[] | undefined {
  return values === undefined || values.length === 0 ? undefined : values;
}
