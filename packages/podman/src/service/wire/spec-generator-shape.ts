import { dictionary, flag, list, natural, number, type Reader, struct, text, whole } from "./go-object.ts";

/**
 * The body of `POST /libpod/containers/create` and the parts that it has in common with that of `POST /libpod/pods/create`: the keys of
 * the original's SpecGenerator, as `podman --remote run` sends them.
 */

export const namespace = struct("specgen.Namespace", { nsmode: text, value: text });

const words = list(text);
const texts = dictionary(text);

const idMap = struct("IDMap", { container_id: whole, host_id: whole, size: whole });

export const idMappings = struct("IDMappingOptions", {
  HostUIDMapping: flag,
  HostGIDMapping: flag,
  UIDMap: list(idMap),
  GIDMap: list(idMap),
  AutoUserNs: flag,
  AutoUserNsOpts: struct("AutoUserNsOptions", {
    Size: natural,
    AdditionalUIDMappings: list(idMap),
    AdditionalGIDMappings: list(idMap),
  }),
});

export const mount = struct("specs.Mount", { destination: text, type: text, source: text, options: words });

export const namedVolume = struct("specgen.NamedVolume", { Name: text, Dest: text, Options: words, IsAnonymous: flag, SubPath: text });

export const overlayVolume = struct("specgen.OverlayVolume", { destination: text, source: text, options: words });

export const imageVolume = struct("specgen.ImageVolume", { Source: text, Destination: text, ReadWrite: flag, subPath: text });

const device = struct("specs.LinuxDevice", { path: text, type: text, major: whole, minor: whole });

const deviceRule = struct("LinuxDeviceCgroup", { allow: flag, type: text, major: whole, minor: whole, access: text });

export const portMapping = struct("types.PortMapping", {
  host_ip: text,
  container_port: natural,
  host_port: natural,
  range: natural,
  protocol: text,
});

/** Addresses are texts; a hardware address may also be bytes in base64, as Go writes them. */
export const perNetworkShape = {
  static_ips: words,
  aliases: words,
  static_mac: text,
  interface_name: text,
  options: texts,
} as const;

export const perNetwork = struct("types.PerNetworkOptions", perNetworkShape);

const weightDevice = struct("LinuxWeightDevice", { major: whole, minor: whole, weight: natural, leafWeight: natural });

const throttleDevice = struct("LinuxThrottleDevice", { major: whole, minor: whole, rate: natural });

export const linuxResourcesShape = {
  devices: list(deviceRule),
  memory: struct("specs.LinuxMemory", {
    limit: whole,
    reservation: whole,
    swap: whole,
    kernel: whole,
    kernelTCP: whole,
    swappiness: natural,
    disableOOMKiller: flag,
  }),
  cpu: struct("specs.LinuxCPU", {
    shares: natural,
    quota: whole,
    period: natural,
    realtimeRuntime: whole,
    realtimePeriod: natural,
    cpus: text,
    mems: text,
  }),
  pids: struct("specs.LinuxPids", { limit: whole }),
  blockIO: struct("specs.LinuxBlockIO", {
    weight: natural,
    leafWeight: natural,
    weightDevice: list(weightDevice),
    throttleReadBpsDevice: list(throttleDevice),
    throttleWriteBpsDevice: list(throttleDevice),
    throttleReadIOPSDevice: list(throttleDevice),
    throttleWriteIOPSDevice: list(throttleDevice),
  }),
  unified: texts,
} as const;

export const linuxResources = struct("specs.LinuxResources", linuxResourcesShape);

/** -1 stands for no limit. */
const limit: Reader<number> = (value, path) => (value === -1 ? -1 : natural(value, path));

export const ulimits = list(struct("specs.POSIXRlimit", { type: text, hard: limit, soft: limit }));

const healthShape = {
  Test: words,
  Interval: whole,
  Timeout: whole,
  StartPeriod: whole,
  StartInterval: whole,
  Retries: whole,
} as const;

const secret = struct("specgen.Secret", { Source: text, Target: text, UID: natural, GID: natural, Mode: natural });

export const specGenerator = struct("libpod.specGeneratorWire", {
  name: text,
  pod: text,
  entrypoint: words,
  command: words,
  env_host: flag,
  httpproxy: flag,
  env: texts,
  terminal: flag,
  stdin: flag,
  labels: texts,
  annotations: texts,
  stop_signal: whole,
  stop_timeout: natural,
  timeout: natural,
  log_configuration: struct("specgen.LogConfig", { driver: text, path: text, size: whole, options: texts }),
  conmon_pid_file: text,
  restart_policy: text,
  restart_tries: natural,
  oci_runtime: text,
  systemd: text,
  sdnotifyMode: text,
  pidns: namespace,
  utsns: namespace,
  hostname: text,
  hostusers: words,
  sysctl: texts,
  remove: flag,
  removeImage: flag,
  containerCreateCommand: words,
  timezone: text,
  dependencyContainers: words,
  secret_env: texts,
  init_container_type: text,
  personality: struct("LinuxPersonality", { domain: text, flags: words }),
  envmerge: words,
  unsetenv: words,
  unsetenvall: flag,
  manage_password: flag,
  passwd_entry: text,
  group_entry: text,
  image: text,
  raw_image_name: text,
  image_os: text,
  image_arch: text,
  image_variant: text,
  rootfs: text,
  rootfs_overlay: flag,
  rootfs_mapping: text,
  image_volume_mode: text,
  volumes_from: words,
  init: flag,
  init_path: text,
  mounts: list(mount),
  volumes: list(namedVolume),
  overlay_volumes: list(overlayVolume),
  image_volumes: list(imageVolume),
  artifact_volumes: list(struct("ArtifactVolume", { source: text, destination: text, title: text, digest: text, name: text })),
  devices: list(device),
  device_cgroup_rule: list(deviceRule),
  devices_from: words,
  host_device_list: list(device),
  ipcns: namespace,
  shm_size: whole,
  shm_size_systemd: whole,
  work_dir: text,
  create_working_dir: flag,
  storage_opts: texts,
  rootfs_propagation: text,
  secrets: list(secret),
  volatile: flag,
  chroot_directories: words,
  privileged: flag,
  user: text,
  groups: words,
  cap_add: words,
  cap_drop: words,
  selinux_opts: words,
  apparmor_profile: text,
  seccomp_policy: text,
  seccomp_profile_path: text,
  no_new_privileges: flag,
  userns: namespace,
  idmappings: idMappings,
  read_only_filesystem: flag,
  read_write_tmpfs: flag,
  label_nested: flag,
  umask: text,
  procfs_opts: words,
  mask: words,
  unmask: words,
  cgroupns: namespace,
  cgroups_mode: text,
  cgroup_parent: text,
  netns: namespace,
  portmappings: list(portMapping),
  publish_image_ports: flag,
  expose: dictionary(text),
  Networks: dictionary(perNetwork),
  cni_networks: words,
  use_image_resolve_conf: flag,
  dns_server: words,
  dns_search: words,
  dns_option: words,
  use_image_hostname: flag,
  use_image_hosts: flag,
  base_hosts_file: text,
  hostadd: words,
  network_options: dictionary(words),
  intelRdt: struct("LinuxIntelRdt", { closID: text }),
  resource_limits: linuxResources,
  r_limits: ulimits,
  oom_score_adj: whole,
  weightDevice: dictionary(weightDevice),
  throttleReadBpsDevice: dictionary(throttleDevice),
  throttleWriteBpsDevice: dictionary(throttleDevice),
  throttleReadIOPSDevice: dictionary(throttleDevice),
  throttleWriteIOPSDevice: dictionary(throttleDevice),
  unified: texts,
  healthconfig: struct("manifest.Schema2HealthConfig", healthShape),
  health_check_on_failure_action: whole,
  startupHealthConfig: struct("StartupHealthCheck", { ...healthShape, Successes: whole }),
  healthLogDestination: text,
  healthMaxLogCount: number,
  healthMaxLogSize: number,
});

export type SpecGenerator = ReturnType<typeof specGenerator>;
