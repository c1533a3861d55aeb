import type { NamespaceMode } from "../../container-spec/namespace-spec.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";
import { buildResources } from "../prepare/resources.ts";
import { toSpecMount } from "../prepare/user-mounts.ts";
import { cloneName } from "./clone-name.ts";

type Ports = Pick<Engine, "state" | "defaults" | "warn">;

/** The body by which the service would be asked to make a container like this one (`SpecGenerator`, in the original's keys). */
export function containerSpecJson(engine: Ports, config: ContainerConfig, rename: boolean): Record<string, unknown> {
  const { health } = config;
  return {
    name: rename ? cloneName(config.name, (name) => engine.state.containers.resolve(name)?.config.name === name) : config.name,
    pod: config.podId || undefined,
    entrypoint: filled(config.entrypoint),
    command: filled(config.command),
    env: Object.fromEntries([...config.env].sort().map(entry)),
    terminal: config.tty || undefined,
    stdin: config.stdin || undefined,
    labels: filledRecord(config.labels),
    annotations: filledRecord(config.annotations),
    stop_timeout: config.stopTimeout === engine.defaults.stopTimeout ? undefined : config.stopTimeout,
    restart_policy: config.restart.isDefault === true ? undefined : config.restart.name,
    restart_tries: config.restart.retries,
    sdnotifyMode: config.sdnotify,
    pidns: { nsmode: "default" },
    utsns: { nsmode: "private" },
    containerCreateCommand: filled(config.createCommand),
    init_container_type: config.initContainer ?? "",
    image: config.imageId || undefined,
    rootfs: config.rootfs,
    rootfs_overlay: config.rootfsOverlay,
    rootfs_mapping: config.rootfsMapping,
    mounts: filled(bindMounts(config)),
    volumes: filled(namedVolumes(config)),
    ...sharedSpecJson(engine, config),
    work_dir: config.workdir === "/" ? undefined : config.workdir,
    privileged: config.security.privileged ?? false,
    user: config.user || undefined,
    groups: filled(config.groupAdd),
    cap_add: filled(config.security.capAdd ?? []),
    cap_drop: filled(config.security.capDrop ?? []),
    selinux_opts: filled(config.security.labelOptions ?? []),
    no_new_privileges: config.security.noNewPrivileges,
    read_only_filesystem: config.readOnly || undefined,
    label_nested: false,
    umask: config.umask,
    cgroupns: { nsmode: "default" },
    use_image_hostname: config.network.noHostname,
    use_image_hosts: config.network.noHosts,
    healthconfig:
      health?.test === undefined
        ? undefined
        : {
            Test: health.test,
            StartPeriod: health.startPeriod,
            Interval: health.interval,
            Timeout: health.timeout,
            Retries: health.retries,
          },
    healthLogDestination: health?.logDestination ?? "local",
    healthMaxLogCount: health?.maxLogCount ?? 5,
    healthMaxLogSize: health?.maxLogSize ?? 500,
  };
}

/** What the specs of containers and of pods have in common: namespaces, network, limits. */
export function sharedSpecJson(engine: Ports, config: ContainerConfig): Record<string, unknown> {
  const { network } = config;
  return {
    ipcns: modeJson(config.namespaces.ipc, "default"),
    shm_size: config.shmSize,
    shm_size_systemd: 0,
    userns: { nsmode: config.currentUser === undefined ? "default" : "keep-id" },
    idmappings: idMappings(config),
    netns: networkMode(config),
    portmappings: filled(network.ports),
    expose: filledRecord(exposed(network.exposed)),
    Networks: networksJson(config),
    dns_server: filled(network.dns),
    dns_search: filled(network.dnsSearch),
    dns_option: filled(network.dnsOptions),
    hostadd: filled(network.addHosts),
    resource_limits: resourceLimits(engine, config),
  };
}

function resourceLimits(engine: Ports, config: ContainerConfig): Record<string, unknown> {
  const ability = { version: 2, rootless: false, controllers: [] } as const;
  const limits = buildResources(config.resources, engine.defaults, { ability, warn: () => undefined });
  return { devices: [{ allow: false, access: "rwm" }], ...limits };
}

function networksJson({ network }: ContainerConfig): Record<string, unknown> | undefined {
  const entries = Object.entries(network.networks).map(([name, { aliases, interfaceName, staticIps, staticMac }]) => [
    name,
    { static_ips: filled(staticIps), aliases: filled(aliases), static_mac: staticMac, interface_name: interfaceName },
  ]);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function networkMode({ network }: ContainerConfig): Record<string, unknown> {
  const { mode } = network;
  if (mode.kind === "container") return { nsmode: "container", value: mode.container };
  return mode.kind === "path" ? { nsmode: "path", value: mode.path } : { nsmode: mode.kind };
}

function modeJson(mode: NamespaceMode, usual: string): Record<string, unknown> {
  if (mode.kind === "container") return { nsmode: "container", value: mode.container };
  return { nsmode: mode.kind === "host" || mode.kind === "none" ? mode.kind : usual };
}

function idMappings({ idMappings: own }: ContainerConfig): Record<string, unknown> {
  const maps = (list: NonNullable<typeof own>["uidMap"] | undefined) =>
    list?.map(({ containerId, hostId, size }) => ({ container_id: containerId, host_id: hostId, size })) ?? null;
  return {
    HostUIDMapping: own === undefined,
    HostGIDMapping: own === undefined,
    UIDMap: maps(own?.uidMap),
    GIDMap: maps(own?.gidMap),
    AutoUserNs: false,
    AutoUserNsOpts: {
      Size: 0,
      InitialSize: 0,
      PasswdFile: "",
      GroupFile: "",
      AdditionalUIDMappings: null,
      AdditionalGIDMappings: null,
    },
  };
}

function bindMounts({ mounts }: ContainerConfig): Record<string, unknown>[] {
  return mounts.flatMap((mount) => {
    if (mount.type !== "bind" && mount.type !== "tmpfs") return [];
    return [{ ...toSpecMount(mount, mount.type === "bind" ? mount.source : "tmpfs") }];
  });
}

function namedVolumes({ mounts }: ContainerConfig): Record<string, unknown>[] {
  return mounts.flatMap((mount) => {
    if (mount.type !== "volume") return [];
    const { options } = toSpecMount(mount, "");
    return [{ Name: mount.name, Dest: mount.target, Options: options, IsAnonymous: false, SubPath: mount.subpath ?? "" }];
  });
}

function exposed(ports: readonly string[]): Record<string, string> {
  const byPort: Record<string, string> = {};
  for (const text of ports) {
    const [port = "", protocol = "tcp"] = text.split("/");
    byPort[port] = byPort[port] === undefined ? protocol : `${byPort[port]},${protocol}`;
  }
  return byPort;
}

function entry(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function filledRecord<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}
