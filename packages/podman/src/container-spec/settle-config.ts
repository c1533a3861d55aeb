import { hostname } from "node:os";
import { describeError, isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { parseDevice } from "@containers/common/mount-syntax/parse-device";
import type { ContainerConfig } from "../containers/config.ts";
import { kubeAnnotations } from "../kube/kube-annotations.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { NamespaceMode } from "./namespace-spec.ts";
import { settleCapabilities } from "./settle-capabilities.ts";
import type { ImageFacts, SettleContext } from "./settle-context.ts";
import { settleEnvironment } from "./settle-environment.ts";
import { settleHealth } from "./settle-health.ts";
import { settleLog } from "./settle-log.ts";
import { settleMounts } from "./settle-mounts.ts";
import { settleNamespaces } from "./settle-namespaces.ts";
import { settleNetwork } from "./settle-network.ts";
import { settleProcess, settleStopSignal, settleSystemd } from "./settle-process.ts";
import { settleCgroupParent, settleResources } from "./settle-resources.ts";

/** The spec with every default applied: what the container will be. Pure but for the look-ups of the context and `stat` on bind sources. */
export function settleConfig(spec: ContainerSpec, context: SettleContext): ContainerConfig {
  const { image, defaults } = context;
  const process = settleProcess(spec, image);
  const network = settleNetwork(spec, context);
  const namespaces = settleNamespaces(spec, context);
  const mounts = settleMounts(spec, context);
  const userNamespace = settledUserNamespace(context);
  const init = spec.init ?? defaults.init;
  if (init && spec.infra === undefined && namespaces.config.pid.kind !== "private")
    throw new ToolError("invalid-argument", "cannot add init binary as PID 1 (PID namespace isn't private)");
  return {
    ...identity(spec, context),
    ...process,
    env: settleEnvironment(spec, context),
    workdir: spec.workdir ?? (image?.config.WorkingDir || "/"),
    workdirFromImage: spec.workdir === undefined || spec.makeWorkdir === true,
    user: spec.user ?? (image?.config.User || (context.userNamespace?.user ?? "")),
    groupAdd: settleGroups(spec),
    hostname: settleHostname(spec, context, namespaces.config.uts),
    umask: settleUmask(spec.umask ?? defaults.umask),
    labels: { ...image?.config.Labels, ...unitLabel(context), ...spec.labels },
    annotations: { ...defaults.annotations, ...userNamespace.annotations, ...spec.annotations },
    ...userNamespace.config,
    stdin: spec.interactive ?? false,
    tty: spec.tty ?? false,
    attach: spec.attach ?? [],
    autoRemove: spec.remove ?? false,
    autoRemoveImage: spec.removeImage ?? false,
    restart: spec.restart ?? { name: "no", isDefault: true },
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

/** Four octal digits. */
function settleUmask(text: string): string {
  if (!/^[0-7]{0,4}$/.test(text))
    throw new ToolError("invalid-argument", `running container create option: invalid umask string ${text}: invalid argument`);
  // Empty stays so: the runtime's own umask holds then, and none is shown.
  return text === "" ? "" : text.padStart(4, "0");
}

/** The service that podman was called in, for `auto-update` and `logs`. */
function unitLabel({ hostEnv }: SettleContext): Readonly<Record<string, string>> {
  const unit = hostEnv["PODMAN_SYSTEMD_UNIT"];
  return unit === undefined ? {} : { PODMAN_SYSTEMD_UNIT: unit };
}

function settleNotify(spec: ContainerSpec, { hostEnv }: SettleContext): Pick<ContainerConfig, "sdnotify" | "notifySocket"> {
  const sdnotify = spec.sdnotify ?? "container";
  const socket = hostEnv["NOTIFY_SOCKET"] ?? "";
  return { sdnotify, ...(sdnotify === "ignore" || sdnotify === "" || socket === "" ? {} : { notifySocket: socket }) };
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
    ...(spec.rootfsMapping === undefined ? {} : { rootfsMapping: spec.rootfsMapping }),
    podId: spec.pod ?? "",
    isInfra: spec.infra !== undefined && spec.service === undefined,
    ...(spec.infra?.program === undefined ? {} : { infraProgram: spec.infra.program }),
    ...(spec.initContainer === undefined ? {} : { initContainer: spec.initContainer }),
    ...(spec.service === undefined ? {} : { service: spec.service }),
    cidfile: spec.cidfile ?? spec.annotations?.[kubeAnnotations.cidFile] ?? "",
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

/** What few containers ask for; absent where it is not. */
function settleRarities(spec: ContainerSpec): Partial<ContainerConfig> {
  const { cdiDevices = [], chrootDirs = [], shmSizeSystemd, storageOptions = [], passwdEntry, groupEntry, personality } = spec;
  return {
    ...(cdiDevices.length === 0 ? {} : { cdiDevices }),
    ...(chrootDirs.length === 0 ? {} : { chrootDirs }),
    ...(shmSizeSystemd === undefined ? {} : { shmSizeSystemd }),
    ...(storageOptions.length === 0 ? {} : { storageOptions: settleStorageOptions(storageOptions) }),
    ...(passwdEntry === undefined ? {} : { passwdEntry }),
    ...(groupEntry === undefined ? {} : { groupEntry }),
    ...(personality === undefined ? {} : { personality }),
  };
}

function settleStorageOptions(options: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    options.map((option) => {
      const equals = option.indexOf("=");
      if (equals === -1) throw new ToolError("invalid-argument", "storage-opt must be formatted KEY=VALUE");
      return [option.slice(0, equals), option.slice(equals + 1)];
    }),
  );
}

function settleGroups({ groupAdd = [] }: ContainerSpec): readonly string[] {
  if (groupAdd.length > 1 && groupAdd.includes("keep-groups")) {
    throw new ToolError("invalid-argument", "the '--group-add keep-groups' option is not allowed with any other --group-add options");
  }
  return groupAdd;
}

function settleHostname(spec: ContainerSpec, context: SettleContext, uts: NamespaceMode): string {
  if (spec.hostname !== undefined && spec.hostname !== "") return spec.hostname;
  if (uts.kind === "host" || spec.network.mode?.kind === "host") return hostname();
  if (uts.kind === "container") return context.resolveContainer(uts.container).hostname;
  return context.defaults.containerNameAsHostname ? context.name.replaceAll("_", "-") : context.id.slice(0, 12);
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

function networkDependency(network: ContainerConfig["network"]): string[] {
  return network.mode.kind === "container" ? [network.mode.container] : [];
}
