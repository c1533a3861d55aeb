import { hostname } from "node:os";
import { describeError, isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { parseDevice } from "@containers/common/mount-syntax/parse-device";
import type { ContainerConfig } from "../containers/config.ts";
import type { ContainerDefaults } from "../engine/defaults.ts";
import type { SettledUserNamespace } from "../user-namespaces/settle-user-namespace.ts";
import type { ContainerSpec, NamespaceMode } from "./container-spec.ts";
import { requireSignal } from "./require-signal.ts";
import { settleCapabilities } from "./settle-capabilities.ts";
import { settleEnvironment } from "./settle-environment.ts";
import { settleHealth } from "./settle-health.ts";
import { settleMounts } from "./settle-mounts.ts";
import { settleNamespaces } from "./settle-namespaces.ts";
import { settleNetwork } from "./settle-network.ts";

const SIGRTMIN_3 = 37;

/** What of the image a container takes over. */
export interface ImageFacts {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  /** `os/architecture`. */
  readonly platform: string;
  readonly config: {
    readonly User?: string;
    readonly ExposedPorts?: Readonly<Record<string, object>>;
    readonly Env?: readonly string[];
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly Volumes?: Readonly<Record<string, object>>;
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly StopSignal?: string;
    readonly Healthcheck?: {
      readonly Test?: readonly string[];
      readonly Interval?: number;
      readonly Timeout?: number;
      readonly StartPeriod?: number;
      readonly Retries?: number;
    };
  };
}

/** What the settling needs to know besides the spec; all looked up before. */
export interface SettleContext {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly image: ImageFacts | undefined;
  readonly defaults: ContainerDefaults;
  readonly rootless: boolean;
  readonly cgroupManager: "systemd" | "cgroupfs";
  readonly cgroupVersion: 1 | 2;
  readonly runtime: string;
  readonly driver: string;
  readonly staticDir: string;
  readonly runDir: string;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly availableCapabilities: readonly string[];
  /** What the network's interface is called inside, where containers.conf says so. */
  interfaceOf?(network: string): string | undefined;
  /** Id of a local image. */
  findImage?(name: string): string | undefined;
  /** Absent: the host's. */
  readonly userNamespace?: SettledUserNamespace;
  /** Full id of a container that the user named. */
  resolveContainer(reference: string): ContainerConfig;
  /** Full name of a network; throws when there is none. */
  resolveNetwork(name: string): string;
}

/** The spec with every default applied: what the container will be. Pure but for the look-ups of the context and `stat` on bind sources. */
export function settleConfig(spec: ContainerSpec, context: SettleContext): ContainerConfig {
  const { image, defaults } = context;
  const process = settleProcess(spec, image);
  const network = settleNetwork(spec, context);
  const namespaces = settleNamespaces(spec, context);
  const mounts = settleMounts(spec, context);
  const userNamespace = settledUserNamespace(context);
  const init = spec.init ?? defaults.init;
  return {
    ...identity(spec, context),
    ...process,
    env: settleEnvironment(spec, context),
    workdir: spec.workdir ?? (image?.config.WorkingDir || "/"),
    workdirFromImage: spec.workdir === undefined || spec.makeWorkdir === true,
    user: spec.user ?? (image?.config.User || (context.userNamespace?.user ?? "")),
    groupAdd: settleGroups(spec),
    hostname: settleHostname(spec, context, namespaces.config.uts),
    umask: spec.umask ?? defaults.umask,
    labels: { ...image?.config.Labels, ...unitLabel(context), ...spec.labels },
    annotations: { ...defaults.annotations, ...userNamespace.annotations, ...spec.annotations },
    ...userNamespace.config,
    stdin: spec.interactive ?? false,
    tty: spec.tty ?? false,
    attach: spec.attach ?? [],
    autoRemove: spec.remove ?? false,
    autoRemoveImage: spec.removeImage ?? false,
    restart: settleRestart(spec),
    stopSignal: settleStopSignal(spec.stopSignal ?? image?.config.StopSignal, settleSystemd(spec, process.process)),
    stopTimeout: spec.stopTimeout ?? defaults.stopTimeout,
    timeout: spec.timeout ?? 0,
    ...(init ? { initPath: spec.initPath ?? defaults.initPath } : {}),
    network,
    namespaces: namespaces.config,
    security: { ...spec.security, privileged: spec.security.privileged ?? defaults.privileged, ...imageSeccomp(spec, image) },
    capabilities: settleCapabilities(spec, context),
    resources: settleResources(spec, context),
    mounts,
    volumesFrom: spec.volumesFrom ?? [],
    devices: [...(spec.infra === undefined ? context.defaults.devices.map(parseDevice) : []), ...(spec.devices ?? [])],
    readOnly: spec.readOnly ?? defaults.readOnly,
    readOnlyTmpfs: spec.readOnlyTmpfs ?? true,
    ...(spec.alwaysTmpfs === true ? { alwaysTmpfs: true } : {}),
    shmSize: spec.shmSize ?? defaults.shmSize,
    ...settleRarities(spec),
    log: settleLog(spec, context),
    secrets: spec.secrets ?? [],
    ...settleHealth(spec, image?.config.Healthcheck),
    dependencies: [
      ...new Set([
        ...namespaces.dependencies,
        ...networkDependency(network),
        ...(spec.requires ?? []).map((reference) => requiredContainer(reference, context)),
      ]),
    ],
    cgroupParent: settleCgroupParent(spec, context),
    systemd: settleSystemd(spec, process.process),
    ...settleNotify(spec, context),
    passwd: spec.passwd ?? true,
    hostUsers: spec.hostUsers ?? [],
    timezone: spec.timezone ?? defaults.timezone,
  };
}

/** The text of the profile that the image carries, when it is to apply. */
function imageSeccomp({ security }: ContainerSpec, image: ImageFacts | undefined): Pick<ContainerConfig["security"], "seccompText"> {
  if (security.seccompOfImage !== true) return {};
  if (image === undefined) throw new ToolError("invalid-argument", "cannot read seccomp profile without a valid image");
  const seccompText = image.config.Labels?.["io.containers.seccomp.profile"] ?? "";
  if (seccompText === "") throw new ToolError("invalid-argument", "no seccomp policy defined by image");
  return { seccompText };
}

/** The service that podman was called in, for `auto-update` and `logs`. */
function unitLabel({ hostEnv }: SettleContext): Readonly<Record<string, string>> {
  const unit = hostEnv["PODMAN_SYSTEMD_UNIT"];
  return unit === undefined ? {} : { PODMAN_SYSTEMD_UNIT: unit };
}

function settleNotify(spec: ContainerSpec, { hostEnv }: SettleContext): Pick<ContainerConfig, "sdnotify" | "notifySocket"> {
  const sdnotify = spec.sdnotify ?? "container";
  const socket = hostEnv["NOTIFY_SOCKET"] ?? "";
  return { sdnotify, ...(sdnotify === "ignore" || socket === "" ? {} : { notifySocket: socket }) };
}

function settledUserNamespace({ userNamespace: settled }: SettleContext): {
  readonly annotations: Readonly<Record<string, string>>;
  readonly config: Partial<Pick<ContainerConfig, "idMappings" | "joinedUserNamespace" | "currentUser">>;
} {
  if (settled === undefined) return { annotations: {}, config: {} };
  const { idMappings, joined, currentUser } = settled;
  return {
    annotations: { "io.podman.annotations.userns": settled.text },
    config: {
      ...(idMappings === undefined ? {} : { idMappings }),
      ...(joined === undefined ? {} : { joinedUserNamespace: joined }),
      ...(currentUser === undefined ? {} : { currentUser }),
    },
  };
}

function identity(spec: ContainerSpec, context: SettleContext) {
  const { image } = context;
  return {
    id: context.id,
    name: context.name,
    createdAt: context.createdAt,
    imageId: image?.id ?? "",
    imageName: image?.name ?? "",
    imageDigest: image?.digest ?? "",
    rawImageName: spec.image ?? "",
    ...(spec.rootfs === undefined ? {} : { rootfs: spec.rootfs }),
    ...(spec.rootfsOverlay === true ? { rootfsOverlay: true } : {}),
    podId: spec.pod ?? "",
    isInfra: spec.infra !== undefined && spec.service === undefined,
    ...(spec.infra?.program === undefined ? {} : { infraProgram: spec.infra.program }),
    ...(spec.initContainer === undefined ? {} : { initContainer: spec.initContainer }),
    ...(spec.service === undefined ? {} : { service: spec.service }),
    cidfile: spec.cidfile ?? "",
    pidfile: spec.pidfile ?? `${context.runDir}/pidfile`,
    conmonPidfile: spec.conmonPidfile ?? `${context.runDir}/conmon.pid`,
    cgroupManager: context.cgroupManager,
    createCommand: spec.createCommand ?? [],
    runtime: spec.runtime ?? context.runtime,
    driver: context.driver,
    staticDir: context.staticDir,
    runDir: context.runDir,
    volatile: spec.remove ?? false,
  };
}

/** containers.conf may name a directory for all logs. */
function logPlace({ defaults, staticDir, id }: SettleContext): string {
  return defaults.logPath === "" ? `${staticDir}/ctr.log` : `${defaults.logPath}/${id}/${id}.log`;
}

/** What few containers ask for; absent where it is not. */
function settleRarities(spec: ContainerSpec): Partial<ContainerConfig> {
  const { cdiDevices = [], chrootDirs = [], shmSizeSystemd, passwdEntry, groupEntry, personality } = spec;
  return {
    ...(cdiDevices.length === 0 ? {} : { cdiDevices }),
    ...(chrootDirs.length === 0 ? {} : { chrootDirs }),
    ...(shmSizeSystemd === undefined ? {} : { shmSizeSystemd }),
    ...(passwdEntry === undefined ? {} : { passwdEntry }),
    ...(groupEntry === undefined ? {} : { groupEntry }),
    ...(personality === undefined ? {} : { personality }),
  };
}

/** ENTRYPOINT and CMD: an entrypoint of the user's drops the image's CMD; words after the image replace it. */
function settleProcess(spec: ContainerSpec, image: ImageFacts | undefined): Pick<ContainerConfig, "process" | "entrypoint" | "command"> {
  const entrypoint = (spec.entrypoint ?? image?.config.Entrypoint ?? []).filter((word, _, all) => all.length > 1 || word !== "");
  const given = spec.command ?? [];
  const command = given.length > 0 || spec.entrypoint !== undefined ? given : (image?.config.Cmd ?? []);
  const process = [...entrypoint, ...command];
  // The runtime says, when it is started, that there is no such command.
  if (process.length === 0) return { process: [""], entrypoint: [], command: [] };
  return { process, entrypoint, command };
}

function settleGroups({ groupAdd = [] }: ContainerSpec): readonly string[] {
  if (groupAdd.length > 1 && groupAdd.includes("keep-groups")) {
    throw new ToolError("invalid-argument", "the '--group-add keep-groups' option is not allowed with any other --group-add options");
  }
  return groupAdd;
}

/** Limits and kernel parameters, as far as they can be asked for; what containers.conf says of all containers is put in. */
function settleResources(spec: ContainerSpec, { cgroupVersion, defaults }: SettleContext): ContainerConfig["resources"] {
  const { resources } = spec;
  const own = resources.unified ?? {};
  if (cgroupVersion !== 2 && Object.keys(own).length > 0)
    throw new ToolError("invalid-argument", "cannot use --cgroup-conf without cgroup v2");
  const unified = cgroupVersion === 2 ? { ...defaults.cgroupConf, ...own } : own;
  requireOwnNamespaces(spec);
  return { ...resources, unified, cgroups: resources.cgroups ?? configuredCgroups(defaults.cgroups) };
}

function configuredCgroups(text: string): ContainerConfig["resources"]["cgroups"] {
  return text === "disabled" || text === "no-conmon" || text === "split" ? text : "enabled";
}

/** A kernel parameter of a namespace that is the host's would change the host. */
function requireOwnNamespaces({ resources, network, namespaces }: ContainerSpec): void {
  for (const [name, value] of Object.entries(resources.sysctls ?? {})) {
    const kind = name.startsWith("net.")
      ? network.mode?.kind === "host" && "Network"
      : /^(kernel\.(msg|sem|shm)|fs\.mqueue\.)/.test(name) && namespaces.ipc?.kind === "host" && "IPC";
    if (kind !== false)
      throw new ToolError("invalid-argument", `sysctl ${name}=${value} can't be set since ${kind} Namespace set to host: invalid argument`);
  }
}

function settleCgroupParent({ resources }: ContainerSpec, { cgroupManager }: SettleContext): string {
  const { cgroups, cgroupParent = "" } = resources;
  if (cgroups === "disabled" && cgroupParent !== "") {
    throw new ToolError("invalid-argument", "cannot set cgroup parent if not creating cgroups: invalid argument");
  }
  if (cgroupParent === "") return "";
  const isSlice = cgroupParent.endsWith(".slice");
  if (cgroupManager === "systemd" && !isSlice) {
    const message = "did not receive systemd slice as cgroup parent when using systemd to manage cgroups: invalid argument";
    throw new ToolError("invalid-argument", message);
  }
  if (cgroupManager === "cgroupfs" && isSlice) {
    throw new ToolError("invalid-argument", "systemd slice received as cgroup parent when using cgroupfs: invalid argument");
  }
  return cgroupParent;
}

function settleHostname(spec: ContainerSpec, context: SettleContext, uts: NamespaceMode): string {
  if (spec.hostname !== undefined && spec.hostname !== "") return spec.hostname;
  if (uts.kind === "host") return hostname();
  if (uts.kind === "container") return context.resolveContainer(uts.container).hostname;
  return context.defaults.containerNameAsHostname ? context.name.replaceAll("_", "-") : context.id.slice(0, 12);
}

function settleRestart(spec: ContainerSpec): ContainerConfig["restart"] {
  const policy = spec.restart ?? { name: "no", isDefault: true };
  if (spec.remove === true && policy.name !== "no") {
    throw new ToolError("invalid-argument", 'the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"');
  }
  return policy;
}

function settleStopSignal(text: string | undefined, systemd: boolean): number {
  // systemd takes SIGTERM as the wish to be executed anew; this one makes it shut down.
  if (text === undefined || text === "") return systemd ? SIGRTMIN_3 : 15;
  return requireSignal(text);
}

function settleLog(spec: ContainerSpec, context: SettleContext): ContainerConfig["log"] {
  const { defaults } = context;
  const asked = spec.log?.driver || defaults.logDriver;
  const driver = asked;
  if (!["k8s-file", "json-file", "journald", "none", "passthrough", "passthrough-tty"].includes(driver)) {
    throw new ToolError("invalid-argument", "running container create option: invalid log driver: invalid argument");
  }
  const path = driver === "k8s-file" || driver === "json-file" ? (spec.log?.path ?? logPlace(context)) : "";
  const tag = spec.log?.tag ?? (defaults.logTag === "" ? undefined : defaults.logTag);
  return { ...spec.log, driver, path, ...(tag === undefined ? {} : { tag }), maxSize: spec.log?.maxSize ?? defaults.logSizeMax };
}

function requiredContainer(reference: string, context: SettleContext): string {
  try {
    return context.resolveContainer(reference).id;
  } catch (error) {
    if (!isErrorOfKind(error, "not-found")) throw error;
    const message = `${JSON.stringify(reference)} is not a valid container, cannot be used as a dependency: ${describeError(error)}`;
    throw new ToolError("not-found", message, { exitCode: 125 });
  }
}

/** systemd inside: asked for, or guessed from the command. */
function settleSystemd(spec: ContainerSpec, process: readonly string[]): boolean {
  if (spec.systemd === "always") return true;
  if (spec.systemd === "false") return false;
  const program = process[0] ?? "";
  return /^(\/usr)?\/(lib\/systemd\/systemd|sbin\/init|local\/sbin\/init)$/.test(program) || program === "systemd";
}

function networkDependency(network: ContainerConfig["network"]): string[] {
  return network.mode.kind === "container" ? [network.mode.container] : [];
}
