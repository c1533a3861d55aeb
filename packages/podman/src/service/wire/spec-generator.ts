import { existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec, LogSpec, RestartPolicy, SecretSpec } from "../../container-spec/container-spec.ts";
import { HttpError } from "../errors-to-http.ts";
import type { SpecGenerator } from "./spec-generator-shape.ts";
import { readHealth } from "./spec-health.ts";
import { readNamespaces } from "./spec-namespaces.ts";
import { readNetwork } from "./spec-network.ts";
import { readResources } from "./spec-resources.ts";
import { readSecurity } from "./spec-security.ts";
import { readDevices, readVolumes } from "./spec-storage.ts";

/**
 * What the body of `POST /libpod/containers/create` asks for. Images are not pulled here: who wants one pulls it first.
 *
 * @throws invalid-argument for contradictions, unsupported for what cannot be done, naming the key
 */
export function containerSpecFromWire(wire: SpecGenerator): ContainerSpec {
  checkWire(wire);
  return {
    ...imageOf(wire),
    ...process(wire),
    ...identity(wire),
    ...life(wire),
    network: readNetwork(wire),
    namespaces: readNamespaces(wire),
    security: readSecurity(wire),
    resources: readResources(wire),
    volumes: readVolumes(wire),
    volumesFrom: wire.volumes_from ?? [],
    imageVolumes: imageVolumeMode(wire.image_volume_mode),
    ...readDevices(wire),
    readOnly: wire.read_only_filesystem,
    // A client that wants no read-only root says nothing of worth about this one.
    readOnlyTmpfs: wire.read_only_filesystem === true ? wire.read_write_tmpfs : undefined,
    shmSize: wire.shm_size,
    shmSizeSystemd: wire.shm_size_systemd,
    chrootDirs: wire.chroot_directories ?? [],
    log: readLog(wire),
    secrets: readSecrets(wire),
    health: readHealth(wire),
    storageOptions: Object.entries(wire.storage_opts ?? {}).map(([key, value]) => `${key}=${value}`),
  };
}

function imageOf(wire: SpecGenerator): Partial<ContainerSpec> {
  const platform = { os: given(wire.image_os), architecture: given(wire.image_arch), variant: given(wire.image_variant) };
  const isPlain = Object.values(platform).every((part) => part === undefined);
  return {
    ...(given(wire.rootfs) === undefined
      ? { image: given(wire.image) ?? given(wire.raw_image_name) }
      : { rootfs: wire.rootfs, rootfsOverlay: wire.rootfs_overlay, rootfsMapping: given(wire.rootfs_mapping) }),
    pull: { policy: "never", quiet: true, ...(isPlain ? {} : { platform }) },
  };
}

function process(wire: SpecGenerator): Partial<ContainerSpec> {
  return {
    command: wire.command !== undefined && wire.command.length > 0 ? wire.command : undefined,
    entrypoint: wire.entrypoint,
    env: Object.entries(wire.env ?? {}).map(([key, value]) => `${key}=${value}`),
    envHost: wire.env_host,
    httpProxy: wire.httpproxy ?? false,
    unsetEnv: wire.unsetenv ?? [],
    unsetEnvAll: wire.unsetenvall,
    envMerge: wire.envmerge ?? [],
    workdir: given(wire.work_dir),
    makeWorkdir: wire.create_working_dir,
    user: given(wire.user),
    groupAdd: wire.groups ?? [],
    umask: given(wire.umask),
    interactive: wire.stdin,
    tty: wire.terminal,
    init: wire.init === true ? true : undefined,
    initPath: given(wire.init_path),
    systemd: systemdMode(wire.systemd),
    passwd: wire.manage_password ?? true,
    passwdEntry: given(wire.passwd_entry),
    groupEntry: given(wire.group_entry),
    personality: given(wire.personality?.domain),
    hostUsers: wire.hostusers ?? [],
    timezone: given(wire.timezone),
  };
}

function identity(wire: SpecGenerator): Partial<ContainerSpec> {
  return {
    // Docker shows names with a slash before them, and takes them so.
    name: given(wire.name?.replace(/^\//, "")),
    pod: given(wire.pod),
    hostname: given(wire.hostname),
    labels: wire.labels ?? {},
    annotations: wire.annotations ?? {},
    conmonPidfile: given(wire.conmon_pid_file),
    createCommand: wire.containerCreateCommand ?? [],
    runtime: given(wire.oci_runtime),
    requires: wire.dependencyContainers ?? [],
  };
}

function life(wire: SpecGenerator): Partial<ContainerSpec> {
  return {
    remove: wire.remove === true || wire.removeImage === true,
    removeImage: wire.removeImage,
    restart: readRestart(wire, "running container create option"),
    stopSignal: wire.stop_signal === undefined || wire.stop_signal === 0 ? undefined : String(wire.stop_signal),
    stopTimeout: wire.stop_timeout,
    timeout: wire.timeout,
    sdnotify: sdnotifyMode(wire.sdnotifyMode),
    initContainer: initContainerType(wire.init_container_type),
  };
}

/** What the original refuses, and what this one cannot do. */
function checkWire(wire: SpecGenerator): void {
  const { image = "", rootfs = "", netns, hostadd = [] } = wire;
  if (image === "" && rootfs === "" && (wire.raw_image_name ?? "") === "")
    throw new ToolError("invalid-argument", "must set root filesystem source to either image or rootfs: invalid argument");
  if (image !== "" && rootfs !== "") throw invalid("both image and rootfs cannot be simultaneously: invalid configuration");
  if (netns?.nsmode === "container" && hostadd.length > 0) {
    throw invalid(
      "cannot set extra host entries when the container is joined to another containers network namespace: invalid configuration",
    );
  }
  if ((wire.hostname ?? "") !== "" && wire.utsns?.nsmode === "host")
    throw invalid("cannot set hostname when running in the host UTS namespace: invalid configuration");
  const { seccomp_policy: policy = "", timezone = "" } = wire;
  if (policy !== "" && policy !== "default" && policy !== "image")
    throw new ToolError("invalid-argument", `invalid seccomp policy ${JSON.stringify(policy)}: valid policies are ["default" "image"]`);
  if (timezone !== "" && timezone !== "local" && timezone !== "UTC" && !existsSync(`/usr/share/zoneinfo/${timezone}`))
    throw new ToolError("invalid-argument", `running container create option: finding timezone: unknown time zone ${timezone}`);
  const initPath = wire.init === true ? (wire.init_path ?? "") : "";
  if (initPath !== "" && !existsSync(initPath))
    throw new ToolError(
      "invalid-argument",
      `container-init binary not found on the host: faccessat ${initPath}: no such file or directory`,
    );
  if (wire.use_image_hosts === true && hostadd.length > 0) throw invalid("UseImageHosts and HostAdd are mutually exclusive options");
  if (wire.shm_size !== undefined && (wire.ipcns?.nsmode === "host" || wire.ipcns?.nsmode === "none"))
    throw invalid(`cannot set shmsize when running in the ${wire.ipcns.nsmode} IPC Namespace`);
  // The original takes these and does nothing for them.
  if ((wire.devices_from ?? []).length > 0) throw new ToolError("unsupported", "devices_from is not supported: name the devices");
}

/** The restart policy of a container or a pod; `doing` begins the messages. */
export function readRestart(
  { restart_policy: name = "", restart_tries: retries }: Pick<SpecGenerator, "restart_policy" | "restart_tries">,
  doing: string,
): RestartPolicy | undefined {
  if (name === "") {
    if (retries !== undefined && retries > 0)
      throw invalid("cannot set restart policy retries without setting restart policy: invalid argument");
    return undefined;
  }
  const known = (["no", "always", "on-failure", "unless-stopped"] as const).find((policy) => policy === name);
  if (known === undefined)
    throw new ToolError(
      "invalid-argument",
      `${doing === "" ? "" : `${doing}: `}${JSON.stringify(name)} is not a valid restart policy: invalid argument`,
    );
  return { name: known, retries };
}

function readLog({ log_configuration: log }: SpecGenerator): LogSpec | undefined {
  if (log === undefined) return undefined;
  const { driver, path, size, options = {} } = log;
  return {
    driver: given(driver),
    path: given(path) ?? given(options["path"]),
    tag: given(options["tag"]),
    maxSize: size === 0 ? undefined : size,
  };
}

function readSecrets({ secrets = [], secret_env: variables = {} }: SpecGenerator): SecretSpec[] {
  return [
    ...secrets.map(({ Source = "", Target, UID, GID, Mode }) => ({
      source: Source,
      type: "mount" as const,
      ...(given(Target) === undefined ? {} : { target: Target }),
      uid: UID,
      gid: GID,
      mode: Mode,
    })),
    ...Object.entries(variables).map(([target, source]) => ({ source, type: "env" as const, target })),
  ];
}

function imageVolumeMode(mode: string | undefined): ContainerSpec["imageVolumes"] {
  if (mode === undefined || mode === "") return undefined;
  const known = (["anonymous", "tmpfs", "ignore"] as const).find((one) => one === mode.toLowerCase());
  if (known === undefined) throw invalid(`invalid ImageVolumeMode ${JSON.stringify(mode)}, value must be one of ignore,tmpfs,anonymous`);
  return known;
}

function initContainerType(type: string | undefined): ContainerSpec["initContainer"] {
  if (type === undefined || type === "") return undefined;
  if (type !== "always" && type !== "once")
    throw new ToolError("invalid-argument", `init-ctr value must be 'always' or 'once': invalid argument`);
  return type;
}

function systemdMode(mode: string | undefined): ContainerSpec["systemd"] {
  if (mode === undefined || mode === "") return undefined;
  const known = (["true", "false", "always"] as const).find((one) => one === mode.toLowerCase());
  if (known === undefined) throw invalid('--systemd values must be one of "true, false, always": invalid configuration');
  return known;
}

function sdnotifyMode(mode: string | undefined): ContainerSpec["sdnotify"] {
  if (mode === undefined || mode === "") return "";
  const known = (["container", "conmon", "ignore", "healthy"] as const).find((one) => one === mode);
  if (known === undefined)
    throw new HttpError(
      500,
      `invalid config provided: invalid argument: invalid sdnotify value ${JSON.stringify(mode)}: must be conmon, container, healthy or ignore`,
      { because: "invalid argument" },
    );
  return known;
}

/** Go leaves out what is empty, and an empty text means "not given". */
export function given(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", `invalid config provided: ${message}`);
}
