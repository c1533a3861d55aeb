import { existsSync } from "node:fs";
import type { ContainerConfig } from "../config.ts";

/** The user's annotations and those by which other tools (systemd through the runtime, crun's hooks) know the container. */
export function annotationsOf(config: ContainerConfig, privileged: boolean): Record<string, string> {
  const pids = config.resources.pidsLimit;
  return {
    ...config.annotations,
    ...(config.autoRemove ? { "io.podman.annotations.autoremove": "TRUE" } : {}),
    ...(privileged ? { "io.podman.annotations.privileged": "TRUE" } : {}),
    ...(config.initPath === undefined ? {} : { "io.podman.annotations.init": "TRUE" }),
    ...(pids === undefined || config.isInfra ? {} : { "io.podman.annotations.pids-limit": String(pids) }),
    ...(config.groupAdd.includes("keep-groups") ? { "run.oci.keep_original_groups": "1" } : {}),
    "io.container.manager": "libpod",
    "org.opencontainers.image.stopSignal": String(config.stopSignal),
    "org.systemd.property.KillSignal": String(config.stopSignal),
    "org.systemd.property.TimeoutStopUSec": `uint64 ${config.stopTimeout * 1_000_000}`,
  };
}

/** As inspect shows them: those by which other tools know a container are there once it was prepared to run. */
export function shownAnnotations(config: ContainerConfig): Readonly<Record<string, string>> {
  return existsSync(`${config.staticDir}/config.json`) ? annotationsOf(config, config.security.privileged ?? false) : config.annotations;
}
