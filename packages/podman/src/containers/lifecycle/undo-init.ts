import { rmSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { usesMountedVolumes } from "../../volumes/volume-path.ts";
import type { Container } from "../config.ts";
import { type ConnectedNetwork, disconnectNetwork, netnsPathOf } from "../prepare/network.ts";
import { unmountShm } from "../prepare/shm.ts";
import { deleteFromRuntime } from "./delete-from-runtime.ts";
import { fulfilLease } from "./exit-lease.ts";

/** Takes back what was made of a run that could not be. What cannot be taken back is left to whoever cleans up the container next. */
export async function undoInit(engine: Engine, begun: Container, connecting: Promise<ConnectedNetwork> | undefined): Promise<void> {
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
  await deleteFromRuntime(engine, config, { unfinished: true });
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
  if (config.rootfsMapping !== undefined) {
    const { unmountMappedRootfs } = await import("../prepare/rootfs-mapping.ts");
    attempt(() => unmountMappedRootfs(engine, config));
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
