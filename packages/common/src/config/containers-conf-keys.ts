/**
 * The keys of containers.conf(5), their types and the values that hold when no file says otherwise. An empty text means "found out when
 * needed": the engine looks at the host.
 */
const defaultRuntimes: Readonly<Record<string, readonly string[]>> = {
  crun: ["/usr/bin/crun", "/usr/sbin/crun", "/usr/local/bin/crun", "/usr/local/sbin/crun", "/sbin/crun", "/bin/crun"],
  "crun-vm": ["/usr/bin/crun-vm", "/usr/local/bin/crun-vm"],
  "crun-wasm": ["/usr/bin/crun-wasm", "/usr/local/bin/crun-wasm"],
  kata: [
    "/usr/bin/kata-runtime",
    "/usr/sbin/kata-runtime",
    "/usr/local/bin/kata-runtime",
    "/usr/local/sbin/kata-runtime",
    "/sbin/kata-runtime",
    "/bin/kata-runtime",
    "/usr/bin/kata-qemu",
    "/usr/bin/kata-fc",
  ],
  krun: ["/usr/bin/krun", "/usr/local/bin/krun"],
  runc: ["/usr/bin/runc", "/usr/sbin/runc", "/usr/local/bin/runc", "/usr/local/sbin/runc", "/sbin/runc", "/bin/runc"],
  runsc: ["/usr/bin/runsc", "/usr/sbin/runsc", "/usr/local/bin/runsc", "/usr/local/sbin/runsc", "/bin/runsc", "/sbin/runsc"],
  youki: ["/usr/bin/youki", "/usr/sbin/youki", "/usr/local/bin/youki", "/usr/local/sbin/youki", "/sbin/youki", "/bin/youki"],
};

export const containersConfKeys = {
  containers: {
    devices: { type: "strings", default: [] },
    volumes: { type: "strings", default: [] },
    apparmor_profile: { type: "string", default: "" },
    annotations: { type: "strings", default: [] },
    base_hosts_file: { type: "string", default: "" },
    cgroupns: { type: "string", default: "" },
    cgroups: { type: "string", default: "enabled" },
    cgroup_conf: { type: "strings", default: [] },
    container_name_as_hostname: { type: "boolean", default: false },
    default_capabilities: {
      type: "strings",
      default: [
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
      ],
    },
    default_sysctls: { type: "strings", default: [] },
    default_ulimits: { type: "strings", default: [] },
    dns_servers: { type: "strings", default: [] },
    dns_options: { type: "strings", default: [] },
    dns_searches: { type: "strings", default: [] },
    keyring: { type: "boolean", default: true },
    label: { type: "boolean", default: true },
    label_users: { type: "boolean", default: false },
    env: { type: "strings", default: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] },
    env_host: { type: "boolean", default: false },
    host_containers_internal_ip: { type: "string", default: "" },
    http_proxy: { type: "boolean", default: true },
    init: { type: "boolean", default: false },
    init_path: { type: "string", default: "" },
    interface_name: { type: "string", default: "" },
    ipcns: { type: "string", default: "shareable" },
    log_driver: { type: "string", default: "" },
    log_path: { type: "string", default: "" },
    log_size_max: { type: "integer", default: -1 },
    log_tag: { type: "string", default: "" },
    mounts: { type: "strings", default: [] },
    netns: { type: "string", default: "" },
    no_hosts: { type: "boolean", default: false },
    oom_score_adj: { type: "optionalInteger", default: undefined },
    pids_limit: { type: "integer", default: 2048 },
    pidns: { type: "string", default: "private" },
    prepare_volume_on_create: { type: "boolean", default: false },
    privileged: { type: "boolean", default: false },
    read_only: { type: "boolean", default: false },
    seccomp_profile: { type: "string", default: "" },
    shm_size: { type: "string", default: "65536k" },
    tz: { type: "string", default: "" },
    umask: { type: "string", default: "0022" },
    utsns: { type: "string", default: "private" },
    userns: { type: "string", default: "host" },
    userns_size: { type: "integer", default: 65536 },
  },
  engine: {
    cgroup_check: { type: "boolean", default: false },
    cgroup_manager: { type: "string", default: "" },
    conmon_env_vars: { type: "strings", default: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] },
    conmon_path: {
      type: "strings",
      default: [
        "/usr/libexec/podman/conmon",
        "/usr/local/libexec/podman/conmon",
        "/usr/local/lib/podman/conmon",
        "/usr/bin/conmon",
        "/usr/sbin/conmon",
        "/usr/local/bin/conmon",
        "/usr/local/sbin/conmon",
      ],
    },
    conmonrs_path: { type: "strings", default: [] },
    compat_api_enforce_docker_hub: { type: "boolean", default: true },
    compose_providers: { type: "strings", default: [] },
    compose_warning_logs: { type: "boolean", default: true },
    database_backend: { type: "string", default: "" },
    detach_keys: { type: "string", default: "ctrl-p,ctrl-q" },
    enable_port_reservation: { type: "boolean", default: true },
    env: { type: "strings", default: [] },
    events_logfile_path: { type: "string", default: "" },
    events_logfile_max_size: { type: "size", default: "1m" },
    events_logger: { type: "string", default: "" },
    events_container_create_inspect_data: { type: "boolean", default: false },
    healthcheck_events: { type: "boolean", default: true },
    helper_binaries_dir: {
      type: "strings",
      default: ["/usr/local/libexec/podman", "/usr/local/lib/podman", "/usr/libexec/podman", "/usr/lib/podman"],
    },
    hooks_dir: { type: "strings", default: ["/usr/share/containers/oci/hooks.d"] },
    cdi_spec_dirs: { type: "strings", default: ["/etc/cdi", "/var/run/cdi"] },
    image_build_format: { type: "string", default: "" },
    image_default_transport: { type: "string", default: "docker://" },
    image_parallel_copies: { type: "integer", default: 0 },
    image_default_format: { type: "string", default: "" },
    image_volume_mode: { type: "string", default: "anonymous" },
    infra_command: { type: "string", default: "" },
    infra_image: { type: "string", default: "" },
    init_path: { type: "string", default: "" },
    kube_generate_type: { type: "string", default: "pod" },
    lock_type: { type: "string", default: "shm" },
    multi_image_archive: { type: "boolean", default: false },
    namespace: { type: "string", default: "" },
    network_cmd_path: { type: "string", default: "" },
    network_cmd_options: { type: "strings", default: [] },
    no_pivot_root: { type: "boolean", default: false },
    num_locks: { type: "integer", default: 2048 },
    runtime: { type: "string", default: "" },
    runtimes: { type: "stringLists", default: defaultRuntimes },
    runtimes_flags: { type: "stringLists", default: {} },
    platform_to_oci_runtime: {
      type: "stringTable",
      default: { "wasi/wasm": "crun-wasm", "wasi/wasm32": "crun-wasm", "wasi/wasm64": "crun-wasm" },
    },
    pod_exit_policy: { type: "string", default: "continue" },
    pull_policy: { type: "string", default: "missing" },
    remote: { type: "boolean", default: false },
    retry: { type: "integer", default: 3 },
    retry_delay: { type: "string", default: "" },
    remote_uri: { type: "string", default: "" },
    remote_identity: { type: "string", default: "" },
    active_service: { type: "string", default: "" },
    add_compression: { type: "strings", default: [] },
    service_destinations: { type: "tables", default: {} },
    ssh_config: { type: "string", default: "" },
    runtime_path: { type: "strings", default: [] },
    runtime_supports_json: { type: "strings", default: ["crun", "runc", "kata", "runsc", "youki", "krun"] },
    runtime_supports_nocgroup: { type: "strings", default: ["crun", "krun"] },
    runtime_supports_kvm: { type: "strings", default: ["kata", "krun"] },
    service_timeout: { type: "integer", default: 5 },
    static_dir: { type: "string", default: "" },
    stop_timeout: { type: "integer", default: 10 },
    exit_command_delay: { type: "integer", default: 300 },
    image_copy_tmp_dir: { type: "string", default: "/var/tmp" },
    tmp_dir: { type: "string", default: "" },
    volume_path: { type: "string", default: "" },
    volume_plugin_timeout: { type: "integer", default: 5 },
    volume_plugins: { type: "stringTable", default: {} },
    chown_copied_files: { type: "boolean", default: true },
    compression_format: { type: "string", default: "gzip" },
    compression_level: { type: "optionalInteger", default: undefined },
    podmansh_timeout: { type: "integer", default: 30 },
  },
  machine: {
    cpus: { type: "integer", default: 1 },
    disk_size: { type: "integer", default: 10 },
    image: { type: "string", default: "" },
    memory: { type: "integer", default: 2048 },
    user: { type: "string", default: "core" },
    volumes: { type: "strings", default: ["$HOME:$HOME"] },
    provider: { type: "string", default: "" },
    rosetta: { type: "boolean", default: true },
  },
  network: {
    network_backend: { type: "string", default: "" },
    cni_plugin_dirs: {
      type: "strings",
      default: ["/usr/local/libexec/cni", "/usr/libexec/cni", "/usr/local/lib/cni", "/usr/lib/cni", "/opt/cni/bin"],
    },
    netavark_plugin_dirs: {
      type: "strings",
      default: ["/usr/local/libexec/netavark", "/usr/libexec/netavark", "/usr/local/lib/netavark", "/usr/lib/netavark"],
    },
    firewall_driver: { type: "string", default: "" },
    default_network: { type: "string", default: "podman" },
    default_subnet: { type: "string", default: "10.88.0.0/16" },
    default_subnet_pools: {
      type: "subnetPools",
      default: [
        { base: "10.89.0.0/16", size: 24 },
        { base: "10.90.0.0/15", size: 24 },
        { base: "10.92.0.0/14", size: 24 },
        { base: "10.96.0.0/11", size: 24 },
        { base: "10.128.0.0/9", size: 24 },
      ],
    },
    default_rootless_network_cmd: { type: "string", default: "pasta" },
    network_config_dir: { type: "string", default: "" },
    dns_bind_port: { type: "integer", default: 53 },
    pasta_options: { type: "strings", default: [] },
  },
  secrets: {
    driver: { type: "string", default: "file" },
    opts: { type: "stringTable", default: {} },
  },
  configmaps: {
    driver: { type: "string", default: "" },
    opts: { type: "stringTable", default: {} },
  },
  farms: {
    default: { type: "string", default: "" },
    list: { type: "stringLists", default: {} },
  },
  podmansh: {
    shell: { type: "string", default: "/bin/sh" },
    container: { type: "string", default: "podmansh" },
    /** 0: `engine.podmansh_timeout`, its older name. */
    timeout: { type: "integer", default: 0 },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ConfKey>>>>;

export interface ConfKey {
  readonly type: ConfType;
  readonly default: unknown;
}

export type ConfType = keyof ConfTypes;

/** What each type of key becomes. */
export interface ConfTypes {
  string: string;
  /** A text with a unit, or a plain number of bytes. */
  size: string;
  boolean: boolean;
  integer: number;
  optionalInteger: number | undefined;
  strings: readonly string[];
  stringTable: Readonly<Record<string, string>>;
  stringLists: Readonly<Record<string, readonly string[]>>;
  tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  subnetPools: ReadonlyArray<{ readonly base: string; readonly size: number }>;
}

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** containers.conf as code reads it: `config.engine.cgroupManager`. */
export type ContainersConf = {
  readonly [S in keyof typeof containersConfKeys]: {
    readonly [K in keyof (typeof containersConfKeys)[S] & string as Camel<K>]: (typeof containersConfKeys)[S][K] extends {
      type: infer T extends ConfType;
    }
      ? ConfTypes[T]
      : never;
  };
};
