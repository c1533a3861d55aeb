import { rmSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { removeExitFile } from "../../monitor/exit-file.ts";
import { usesMountedVolumes } from "../../volumes/volume-path.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { disconnectNetwork, hasOwnNetwork, netnsPathOf } from "../prepare/network.ts";
import { overlayDirectory } from "../prepare/overlay-mounts.ts";
import { removePodMember } from "../prepare/pod-hosts.ts";
import { unmountShm } from "../prepare/shm.ts";
import type { ContainerState } from "../state.ts";
import { deleteFromRuntime } from "./delete-from-runtime.ts";

/**
 * Undoes what a run made: the runtime's container, network, mounts, files. Every step is tried and none minds that there is nothing to
 * do; what fails is reported and left for the next try. `quiet`: without the event. The caller holds the lock, and the process has ended.
 */
export async function cleanUpRun(engine: Engine, ended: Container, options: { readonly quiet?: boolean } = {}): Promise<Container> {
  if (!ended.state.needsCleanup) return ended;
  const container = await settleNetwork(engine, ended);
  const unchecked =
    container.state.health?.timer === undefined ? container : (await import("../health/schedule.ts")).endChecks(engine, container);
  const { config, state } = unchecked;
  engine.debug(() => `Cleaning up container ${config.id}`);
  if (config.network.mode.kind === "bridge" && state.networkStatus === undefined) {
    const { endInterrupted } = await import("@containers/common/network/netavark/end-interrupted");
    await endInterrupted(state.netnsPath ?? netnsPathOf(config));
  }
  // netavark works while the runtime and the kernel take the rest down.
  const disconnecting = disconnectNetwork(engine, config, {
    ...(hasOwnNetwork(config) ? { netnsPath: state.netnsPath ?? netnsPathOf(config) } : {}),
    ...(state.userMode === undefined ? {} : { userMode: state.userMode }),
  });
  const errors: Error[] = [];
  const attempt = async (deed: () => Promise<unknown> | unknown): Promise<void> => {
    try {
      await deed();
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
    }
  };
  await deleteFromRuntime(engine, config, { unfinished: state.conmonPid === 0 });
  await attempt(() => unmountShm(engine.sys, config.staticDir));
  if (config.podId !== "") await attempt(() => removePodMember(engine, config));
  if (config.rootfsOverlay === true) {
    const { unmountRootfsOverlay } = await import("../prepare/rootfs-overlay.ts");
    await attempt(() => unmountRootfsOverlay(engine, config));
  }
  if (config.rootfsMapping !== undefined) {
    const { unmountMappedRootfs } = await import("../prepare/rootfs-mapping.ts");
    await attempt(() => unmountMappedRootfs(engine, config));
  }
  // Whoever else mounted it keeps it so; a start that was cut off may have counted without saying so.
  const isCutOff = state.mountPoint === undefined;
  if (config.rootfs === undefined) await attempt(() => engine.store.containers.unmount(config.id, isCutOff));
  if (config.mounts.some(({ type }) => type === "image")) {
    const { releaseImages } = await import("../prepare/held-images.ts");
    await attempt(() => releaseImages(engine, config));
  }
  if (usesMountedVolumes(engine, config)) {
    const { unmountVolumesOf } = await import("../../volumes/mount.ts");
    await attempt(() => unmountVolumesOf(engine, config));
  }
  errors.push(...(await disconnecting));
  for (const path of [
    `${engine.paths.persistDir}/${config.id}`,
    overlayDirectory(config),
    `${config.staticDir}/attach`,
    `${config.staticDir}/ctl`,
    `${config.staticDir}/winsz`,
  ]) {
    await attempt(() => rmSync(path, { recursive: true, force: true }));
  }
  const next: ContainerState = {
    ...state,
    needsCleanup: errors.length > 0,
    pid: 0,
    pidStartTime: 0,
    conmonPid: 0,
    mountPoint: undefined,
    netnsPath: undefined,
    networkStatus: undefined,
    userMode: undefined,
  };
  engine.state.containers.setState(config.id, next);
  removeExitFile(engine.paths.exitsDir, config.id);
  for (const error of errors) engine.warn(`cleaning up container ${config.id}: ${error.message}`);
  // One that goes with its run is not cleaned up but removed.
  if (options.quiet !== true && !config.autoRemove) engine.events.write(containerEvent(config, "cleanup"));
  return { config, state: next };
}

/** Undoes the change of its networks in which a podman was killed. */
export async function settleNetwork(engine: Engine, container: Container): Promise<Container> {
  if (container.state.networkChange === undefined) return container;
  return (await import("../../networks/unfinished.ts")).leaveUnfinished(engine, container);
}
