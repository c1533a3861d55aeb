import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { bootId, processStartTime } from "../../monitor/process-identity.ts";
import { makeRuntimeRoot, type RuntimeRoot } from "../../monitor/runtime-root.ts";
import type { RunningMonitor } from "../../monitor/start-monitor.ts";
import { activationDescriptors, type PassedDescriptors } from "../../systemd/passed-descriptors.ts";
import { usesMountedVolumes } from "../../volumes/volume-path.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { forgetSessionsOf } from "../exec/exec-cleanup.ts";
import { writeNetworkFiles } from "../prepare/bound-files.ts";
import { adoptNetwork, type ConnectedNetwork, connectNetwork, hasOwnUserNamespace, makeNetworkPlace } from "../prepare/network.ts";
import type { ContainerState } from "../state.ts";
import { cleanUpRun } from "./clean-up-run.ts";
import { type ExitLease, makeLease } from "./exit-lease.ts";
import { awaitPid, launchMonitor } from "./launch-monitor.ts";
import { requireDeed } from "./transitions.ts";
import { undoInit } from "./undo-init.ts";
import { type RestoreRun, writeBundle } from "./write-bundle.ts";

export interface InitOptions {
  /** The caller holds this lease, because it waits for the end and then cleans up itself. */
  readonly lease?: ExitLease;
  /** Descriptors of the caller's for the container; those of socket activation otherwise. */
  readonly passed?: PassedDescriptors;
  /** The container comes out of a checkpoint and runs at once. */
  readonly restore?: RestoreRun;
  /** The restart policy's doing: the count of restarts goes on. */
  readonly again?: boolean;
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
  const restartCount = options.again === true ? container.state.restartCount : 0;
  const run = { restartCount, needsCleanup: true, bootId: bootId(), exitLease: lease?.name };
  const begun = save(engine, config, { ...container.state, ...FRESH_RUN, ...run });
  forgetSessionsOf(engine, container);
  const attempt: Attempt = {};
  try {
    const made = await makeRun(engine, config, { ...options, lease }, attempt);
    const ready = save(engine, config, { ...begun.state, ...made });
    if (restore === undefined) engine.events.write(containerEvent(config, "init"));
    return ready;
  } catch (error) {
    await undoInit(engine, begun, attempt.connecting);
    throw error;
  } finally {
    attempt.monitor?.close();
    attempt.runtimeRoot?.remove();
    // Not before: of a run that failed and was undone, nothing is left for the monitor's clean-up, which would remove a container with --rm.
    if (lease !== options.lease) lease?.release();
  }
}

/** What of a run is under way, for whoever has to end it. */
interface Attempt {
  connecting?: Promise<ConnectedNetwork>;
  monitor?: RunningMonitor;
  runtimeRoot?: RuntimeRoot;
}

/** The steps of {@link initContainer}, as far as they come; gives what is new about the container's state. */
async function makeRun(
  engine: Engine,
  config: ContainerConfig,
  { restore, lease, passed = activationDescriptors(process.env) }: InitOptions,
  attempt: Attempt,
): Promise<Partial<ContainerState>> {
  const place = makeNetworkPlace(engine, config);
  // A user namespace of its own is there only with the process, and the network belongs to it.
  const late = hasOwnUserNamespace(config);
  if (!late) attempt.connecting = startConnecting(engine, config, place.netnsPath);
  const rootfs = await mountRootfs(engine, config);
  engine.debug(() => `Mounted container ${JSON.stringify(config.id)} at ${JSON.stringify(rootfs)}`);
  if (usesMountedVolumes(engine, config)) await (await import("../../volumes/mount.ts")).mountVolumesOf(engine, config);
  if (late) attempt.runtimeRoot = makeRuntimeRoot(engine.rootless);
  const { runtimeRoot } = attempt;
  await writeBundle(engine, config, { rootfs, place, rootPath: runtimeRoot?.path, restore });
  // Restored processes go on at once: their network has to be there before them.
  if (restore !== undefined) writeNetworkFiles(engine, config, (await attempt.connecting) ?? {}, rootfs);
  await restore?.prepare(rootfs);
  const { tag } = config.log;
  const logTag = tag?.includes("{{") === true ? (await import("../logs/log-tag.ts")).fillLogTag(engine, config.id, tag) : tag;
  const monitor = launchMonitor(engine, config, { place, lease, rootfs, passed, logTag, runtimeRoot, restore });
  attempt.monitor = monitor;
  const early = await attempt.connecting;
  if (early !== undefined && restore === undefined) writeNetworkFiles(engine, config, early, rootfs);
  const pid = awaitPid(engine, config, monitor);
  const netnsPath = late ? adoptNetwork(engine, config, pid) : place.netnsPath;
  if (late) attempt.connecting = startConnecting(engine, config, netnsPath);
  const connected = early ?? (await attempt.connecting) ?? {};
  if (late) writeNetworkFiles(engine, config, connected, rootfs);
  return {
    status: restore === undefined ? "created" : "running",
    pid,
    pidStartTime: processStartTime(pid),
    conmonPid: monitor.pid,
    mountPoint: rootfs,
    ...(netnsPath === undefined ? {} : { netnsPath }),
    ...(connected.status === undefined ? {} : { networkStatus: connected.status }),
    ...(connected.userMode === undefined ? {} : { userMode: connected.userMode }),
  };
}

async function mountRootfs(engine: Engine, config: ContainerConfig): Promise<string> {
  if (config.rootfsOverlay === true) return (await import("../prepare/rootfs-overlay.ts")).mountRootfsOverlay(engine, config);
  if (config.rootfsMapping !== undefined) return (await import("../prepare/rootfs-mapping.ts")).mountMappedRootfs(engine, config);
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
  stoppedByService: undefined,
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
