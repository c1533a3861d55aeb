import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { OciRuntime } from "@containers/common/oci-runtime/runtime";
import { runtimeError } from "@containers/common/oci-runtime/runtime-error";
import { lookUpUser } from "@containers/common/spec-builder/look-up-user";
import type { RuntimeSpec } from "@containers/common/spec-builder/runtime-spec";
import { serializeSpec } from "@containers/common/spec-builder/serialize-spec";
import type { Engine } from "../../engine/engine.ts";
import { createArguments } from "../../monitor/conmon-arguments.ts";
import { monitorEnvironment } from "../../monitor/monitor-environment.ts";
import { moveToScope } from "../../monitor/monitor-scope.ts";
import { bootId, processStartTime } from "../../monitor/process-identity.ts";
import { makeRuntimeRoot, type RuntimeRoot, runtimeWithRoot } from "../../monitor/runtime-root.ts";
import { type RunningMonitor, startMonitor } from "../../monitor/start-monitor.ts";
import { notifyMounts, relayedSocket } from "../../systemd/notify.ts";
import { activationDescriptors, type PassedDescriptors } from "../../systemd/passed-descriptors.ts";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import { usesMountedVolumes } from "../../volumes/volume-path.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { writeBoundFiles, writeNetworkFiles } from "../prepare/bound-files.ts";
import { defaultMounts } from "../prepare/default-mounts.ts";
import {
  adoptNetwork,
  type ConnectedNetwork,
  connectNetwork,
  disconnectNetwork,
  hasOwnUserNamespace,
  makeNetworkPlace,
  type NetworkPlace,
  netnsPathOf,
} from "../prepare/network.ts";
import { buildOciConfig } from "../prepare/oci-config.ts";
import { unmountShm } from "../prepare/shm.ts";
import { shmSource } from "../prepare/shm-source.ts";
import { isSplit, moveAside } from "../prepare/split-cgroup.ts";
import { prepareMounts } from "../prepare/volumes.ts";
import { requireWorkdir } from "../prepare/workdir.ts";
import type { ContainerState } from "../state.ts";
import { cleanUpRun } from "./clean-up-run.ts";
import { type ExitLease, fulfilLease, makeLease } from "./exit-lease.ts";
import { readOciLog } from "./oci-log.ts";
import { requireDeed } from "./transitions.ts";

export interface InitOptions {
  /** The caller holds this lease, because it waits for the end and then cleans up itself. */
  readonly lease?: ExitLease;
  /** Descriptors of the caller's for the container; those of socket activation otherwise. */
  readonly passed?: PassedDescriptors;
  /** The container comes out of a checkpoint and runs at once. */
  readonly restore?: RestoreRun;
}

/** What a run out of a checkpoint needs besides. */
interface RestoreRun {
  /** criu's image files. */
  readonly imagePath: string;
  /** Flags of the runtime's. */
  readonly flags: readonly string[];
  /** Makes the written spec fit what was checkpointed. */
  adaptSpec(spec: RuntimeSpec): RuntimeSpec;
  /** Brings files back, with everything mounted; they must be there before the processes are. */
  prepare(rootfs: string): Promise<void>;
}

/**
 * Makes everything that a run needs, up to a container that the runtime holds ready: mounts, files, network, monitor. The caller holds the
 * lock. The network is set up while the root file system is mounted and the runtime works. On failure all of it is undone.
 */
export async function initContainer(engine: Engine, asked: Container, options: InitOptions = {}): Promise<Container> {
  const { restore } = options;
  requireDeed("init", asked);
  // The last run may have ended a moment ago, with its clean-up still waiting for the lock that is held here.
  const container = asked.state.needsCleanup ? await cleanUpRun(engine, asked) : asked;
  const { config } = container;
  if (config.podId !== "") await preparePod(engine, config.podId);
  // Noted before anything is made: whoever finds the container after this process was killed knows that there is something to undo.
  const lease = options.lease ?? makeLease(engine, config.id);
  const begun = save(engine, config, { ...container.state, ...FRESH_RUN, needsCleanup: true, bootId: bootId(), exitLease: lease?.name });
  let connecting: Promise<ConnectedNetwork> | undefined;
  let monitor: RunningMonitor | undefined;
  let runtimeRoot: RuntimeRoot | undefined;
  try {
    const place = makeNetworkPlace(engine, config);
    const late = hasOwnUserNamespace(config);
    if (!late) connecting = startConnecting(engine, config, place.netnsPath);
    const rootfs = await mountRootfs(engine, config);
    engine.debug(() => `Mounted container ${JSON.stringify(config.id)} at ${JSON.stringify(rootfs)}`);
    if (usesMountedVolumes(engine, config)) await (await import("../../volumes/mount.ts")).mountVolumesOf(engine, config);
    if (late) runtimeRoot = makeRuntimeRoot(engine.rootless);
    await writeBundle(engine, config, {
      rootfs,
      place,
      ...(runtimeRoot === undefined ? {} : { rootPath: runtimeRoot.path }),
      ...(restore === undefined ? {} : { restore }),
    });
    // Restored processes go on at once: their network has to be there before them.
    if (restore !== undefined) writeNetworkFiles(engine, config, (await connecting) ?? {}, rootfs);
    await restore?.prepare(rootfs);
    const passed = options.passed ?? activationDescriptors(process.env);
    monitor = launch(engine, config, {
      place,
      lease,
      rootfs,
      passed,
      ...(runtimeRoot === undefined ? {} : { runtimeRoot }),
      ...(restore === undefined ? {} : { restore }),
    });
    const early = await connecting;
    if (early !== undefined && restore === undefined) writeNetworkFiles(engine, config, early, rootfs);
    const pid = awaitPid(engine, config, monitor);
    const netnsPath = late ? adoptNetwork(engine, config, pid) : place.netnsPath;
    if (late) connecting = startConnecting(engine, config, netnsPath);
    const connected = early ?? (await connecting) ?? {};
    if (late) writeNetworkFiles(engine, config, connected, rootfs);
    const ready = save(engine, config, {
      ...begun.state,
      status: restore === undefined ? "created" : "running",
      pid,
      pidStartTime: processStartTime(pid),
      conmonPid: monitor.pid,
      mountPoint: rootfs,
      ...(netnsPath === undefined ? {} : { netnsPath }),
      ...(connected.status === undefined ? {} : { networkStatus: connected.status }),
      ...(connected.userMode === undefined ? {} : { userMode: connected.userMode }),
    });
    if (restore === undefined) engine.events.write(containerEvent(config, "init"));
    return ready;
  } catch (error) {
    await undo(engine, begun, connecting);
    throw error;
  } finally {
    monitor?.close();
    runtimeRoot?.remove();
    // Not before: of a run that failed and was undone, nothing is left for the monitor's clean-up, which would remove a container with --rm.
    if (lease !== options.lease) lease?.release();
  }
}

async function mountRootfs(engine: Engine, config: ContainerConfig): Promise<string> {
  if (config.rootfsOverlay === true) return (await import("../prepare/rootfs-overlay.ts")).mountRootfsOverlay(engine, config);
  return config.rootfs ?? engine.store.containers.mount(config.id);
}

/** A failure is reported where it is awaited; until then it must not count as unhandled. */
function startConnecting(engine: Engine, config: ContainerConfig, netnsPath: string | undefined): Promise<ConnectedNetwork> {
  const connecting = connectNetwork(engine, config, netnsPath);
  connecting.catch(() => undefined);
  return connecting;
}

/** The pod's cgroup is gone when the pod was stopped, and its limits with it. */
async function preparePod(engine: Engine, podId: string): Promise<void> {
  const pod = engine.state.pods.get(podId);
  if (pod?.limits === undefined) return;
  const { applyPodLimits } = await import("../../pods/pod-limits.ts");
  applyPodLimits(engine, pod);
}

/** What a new run forgets of the last one. */
const FRESH_RUN = {
  status: "configured",
  pid: 0,
  pidStartTime: 0,
  conmonPid: 0,
  exitCode: 0,
  finishedAt: "",
  oomKilled: false,
  stoppedByUser: false,
  mountPoint: undefined,
  netnsPath: undefined,
  networkStatus: undefined,
  userMode: undefined,
  checkpointedAt: undefined,
  restoredAt: undefined,
  error: undefined,
  health: undefined,
} as const;

function save(engine: Pick<Engine, "state">, config: ContainerConfig, state: ContainerState): Container {
  if (!engine.state.containers.setState(config.id, state)) throw new ToolError("not-found", `container ${config.id} was removed meanwhile`);
  return { config, state };
}

async function writeBundle(
  engine: Engine,
  config: ContainerConfig,
  made: { readonly rootfs: string; readonly place: NetworkPlace; readonly rootPath?: string; readonly restore?: RestoreRun },
): Promise<void> {
  const { rootfs, place, rootPath } = made;
  const user = lookUpUser(engine.sys, rootfs, config.user);
  const files = writeBoundFiles(engine, config, { rootfs, user });
  const mounts = [...defaultMounts(engine, config), ...prepareMounts(engine, config, { rootfs, user })];
  const artifacts = config.mounts.some(({ type }) => type === "artifact") ? await import("../prepare/artifact-mounts.ts") : undefined;
  requireWorkdir(engine.sys, config, rootfs);
  const shmPath = shmSource(engine, config);
  const secrets = config.secrets.length === 0 ? undefined : await import("../../secrets/container-secrets.ts");
  const environment = secrets === undefined ? config.env : [...config.env, ...secrets.secretEnvironment(engine, config)];
  const spec = await buildOciConfig(
    engine,
    { ...config, env: environment },
    {
      rootfs,
      ...(rootPath === undefined ? {} : { rootPath }),
      mounts: [
        ...files,
        ...mounts,
        ...(artifacts?.artifactMounts(engine, config, rootfs) ?? []),
        ...notifyMounts(config),
        ...(secrets?.secretMounts(config) ?? []),
      ],
      user,
      ...(place.netnsPath === undefined ? {} : { netnsPath: place.netnsPath }),
      ...(shmPath === undefined ? {} : { shmPath }),
    },
  );
  mkdirSync(config.staticDir, { recursive: true, mode: 0o700 });
  // The runtime works in the bundle, and enters the container's user namespace before it is done with it.
  giveToRoot(config, config.staticDir);
  writeFileSync(`${config.staticDir}/config.json`, serializeSpec(made.restore?.adaptSpec(spec) ?? spec), { mode: 0o644 });
  engine.debug(() => `Created OCI spec for container ${config.id} at ${config.staticDir}/config.json`);
}

function launch(
  engine: Engine,
  config: ContainerConfig,
  run: {
    readonly place: NetworkPlace;
    readonly lease: ExitLease | undefined;
    readonly rootfs: string;
    readonly passed: PassedDescriptors;
    readonly runtimeRoot?: RuntimeRoot;
    readonly restore?: RestoreRun;
  },
): RunningMonitor {
  const conmon = engine.conmon();
  const runtime = engine.runtime(config.runtime);
  const persistDir = `${engine.paths.persistDir}/${config.id}`;
  for (const directory of [engine.paths.exitsDir, persistDir]) mkdirSync(directory, { recursive: true, mode: 0o750 });
  // A leftover of an earlier run would be taken for this one's end.
  for (const leftover of [`${engine.paths.exitsDir}/${config.id}`, config.pidfile, `${config.runDir}/oci-log`])
    rmSync(leftover, { force: true });
  const log = monitorLog(config);
  if (isSplit(config)) moveAside();
  const notifySocket = relayedSocket(config);
  engine.debug(() => `running conmon: ${conmon.path}`);
  const monitor = startMonitor(engine.sys, {
    path: conmon.path,
    isOwn: conmon.isOwn,
    cwd: config.staticDir,
    env: [
      ...monitorEnvironment(process.env, { isOwn: conmon.isOwn, rootless: engine.rootless }),
      ...engine.defaults.conmonEnv,
      ...(run.lease === undefined ? [] : [`_CONMON_EXIT_LEASE=${run.lease.path}`]),
    ],
    ...(config.log.driver.startsWith("passthrough") ? { stdio: [0, 1, 2] as const } : {}),
    inherited: run.place.portDescriptors,
    passed: run.passed,
    beforeGo: (pid) => moveToScope(engine, pid, { config, id: config.id }),
    args: createArguments({
      containerId: config.id,
      name: config.name,
      ...runtimeCommand(withCgroups(runtime, config, engine.config.engine.runtimeSupportsNocgroup), run),
      bundle: config.staticDir,
      pidFile: config.pidfile,
      exitDir: engine.paths.exitsDir,
      persistDir,
      terminal: config.tty,
      stdin: config.stdin,
      ...log,
      logLevel: engine.globals.logLevel ?? "warning",
      ociLog: `${config.runDir}/oci-log`,
      timeout: config.timeout,
      noPivot: engine.defaults.noPivotRoot,
      noKeyring: !engine.defaults.keyring,
      ...(run.restore === undefined ? {} : { restore: run.restore }),
      ...(notifySocket === undefined ? {} : { sdnotifySocket: notifySocket }),
      preserveFds: run.passed.count,
      exitCommand: engine.cleanupCommand(["container", "cleanup", "--stopped-only", ...(config.autoRemove ? ["--rm"] : []), config.id]),
    }),
  });
  for (const fd of run.place.portDescriptors) engine.sys.close(fd);
  writeFileSync(config.conmonPidfile, String(monitor.pid), { mode: 0o644 });
  return monitor;
}

/** The runtime as it is to treat cgroups. */
function withCgroups(runtime: OciRuntime, config: ContainerConfig, able: readonly string[]): Pick<OciRuntime, "path" | "globalArguments"> {
  if (isSplit(config)) return { path: runtime.path, globalArguments: withoutSystemd(runtime) };
  if (config.resources.cgroups !== "disabled") return runtime;
  if (!able.includes(runtime.name))
    throw new ToolError("unsupported", `--cgroups=disabled needs one of the runtimes ${able.join(", ")}, and this is ${runtime.name}`, {
      hint: "containers.conf's runtime_supports_nocgroup",
    });
  return { path: runtime.path, globalArguments: [...withoutSystemd(runtime), "--cgroup-manager=disabled"] };
}

function withoutSystemd({ globalArguments }: Pick<OciRuntime, "globalArguments">): string[] {
  return globalArguments.filter((argument) => argument !== "--systemd-cgroup");
}

/** How the monitor starts the runtime; through a program of ours when that has to prepare the root file system's place. */
function runtimeCommand(
  runtime: Pick<OciRuntime, "path" | "globalArguments">,
  run: { readonly rootfs: string; readonly runtimeRoot?: RuntimeRoot },
) {
  if (run.runtimeRoot !== undefined) {
    const { path, args } = runtimeWithRoot(runtime.path, run.rootfs, run.runtimeRoot);
    return { runtimePath: path, runtimePrefix: args, runtimeArguments: runtime.globalArguments, systemdCgroup: false };
  }
  return {
    runtimePath: runtime.path,
    runtimeArguments: withoutSystemd(runtime),
    systemdCgroup: runtime.globalArguments.includes("--systemd-cgroup"),
  };
}

function monitorLog(config: ContainerConfig) {
  const { driver, path, maxSize, tag } = config.log;
  return {
    logDriver: driver === "json-file" ? "k8s-file" : driver,
    logPath: path,
    ...(maxSize === undefined ? {} : { logMaxSize: maxSize }),
    ...(tag === undefined || driver === "k8s-file" || driver === "json-file" ? {} : { logTag: tag }),
  };
}

/** Waits for the monitor's word; a failure of the runtime becomes the error that its log tells. */
function awaitPid(engine: Engine, config: ContainerConfig, monitor: RunningMonitor): number {
  const message = monitor.readMessage();
  if (message !== undefined && message.data > 0) {
    engine.debug(() => `Received: ${message.data}`);
    engine.debug(() => `Created container ${config.id} in OCI runtime`);
    return message.data;
  }
  const runtime = engine.runtime(config.runtime);
  const told = readOciLog(`${config.runDir}/oci-log`) || message?.message;
  if (told !== undefined && told !== "") throw runtimeError(runtime.name, told);
  throw new ToolError("internal", `the monitor of container ${config.id} ended before the container was made`, { exitCode: 126 });
}

async function undo(engine: Engine, begun: Container, connecting: Promise<ConnectedNetwork> | undefined): Promise<void> {
  const { config } = begun;
  const connected: ConnectedNetwork = (await connecting?.catch(() => undefined)) ?? {};
  const netnsPath = connecting === undefined ? undefined : netnsPathOf(config);
  const errors: unknown[] = [];
  const attempt = (deed: () => void): void => {
    try {
      deed();
    } catch (error) {
      errors.push(error);
    }
  };
  await engine
    .runtime(config.runtime)
    .delete(config.id, true)
    .catch(() => undefined);
  errors.push(
    ...(await disconnectNetwork(engine, config, {
      ...(netnsPath === undefined ? {} : { netnsPath }),
      ...(connected.userMode === undefined ? {} : { userMode: connected.userMode }),
    })),
  );
  attempt(() => unmountShm(engine.sys, config.staticDir));
  if (config.rootfsOverlay === true) {
    const { unmountRootfsOverlay } = await import("../prepare/rootfs-overlay.ts");
    attempt(() => unmountRootfsOverlay(engine, config));
  }
  if (config.rootfs === undefined) attempt(() => void engine.store.containers.unmount(config.id, true));
  if (usesMountedVolumes(engine, config)) {
    const { unmountVolumesOf } = await import("../../volumes/mount.ts");
    await unmountVolumesOf(engine, config).catch((error: unknown) => void errors.push(error));
  }
  rmSync(`${engine.paths.persistDir}/${config.id}`, { recursive: true, force: true });
  fulfilLease(engine, begun.state);
  if (errors.length === 0) engine.state.containers.setState(config.id, { ...begun.state, needsCleanup: false });
  else engine.warn(`cleaning up container ${config.id}: ${errors.map(String).join("; ")}`);
}
