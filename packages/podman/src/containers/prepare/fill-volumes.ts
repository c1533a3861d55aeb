import { lookUpUser } from "@containers/common/spec-builder/look-up-user";
import type { Engine } from "../../engine/engine.ts";
import { needsMount } from "../../volumes/volume-path.ts";
import type { ContainerConfig } from "../config.ts";
import { fillVolume } from "./volumes.ts";

/** Gives fresh volumes the image's files before the container is started for the first time (containers.conf's prepare_volume_on_create). */
export function fillVolumes(engine: Pick<Engine, "sys" | "state" | "store">, config: ContainerConfig): void {
  const volumes = config.mounts.filter((mount) => mount.type === "volume");
  if (volumes.length === 0 || config.rootfs !== undefined) return;
  const rootfs = engine.store.containers.mount(config.id);
  try {
    const user = lookUpUser(engine.sys, rootfs, config.user);
    for (const mount of volumes) {
      const volume = engine.state.volumes.get(mount.name);
      // What is there only while it is mounted is filled when it is.
      if (volume !== undefined && !needsMount(volume)) fillVolume(engine, config, mount, { rootfs, user });
    }
  } finally {
    engine.store.containers.unmount(config.id);
  }
}
