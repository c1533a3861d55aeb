import { accessSync, constants } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../container-spec/container-spec.ts";
import type { Engine } from "../engine/engine.ts";
import type { PodRecord } from "./pod-record.ts";
import type { InfraSpec } from "./pod-spec.ts";

/** Where {@link pauseProgram} is bound in the infra container. */
const PAUSE_TARGET = "/catatonit";

/** The container that holds a pod's namespaces, keeps them while others come and go, and reaps processes in a shared pid namespace. */
export function infraContainerSpec(
  engine: Pick<Engine, "config" | "defaults" | "helperDirs">,
  pod: PodRecord,
  spec: { readonly infra: InfraSpec; readonly hostname: string | undefined },
): ContainerSpec {
  const { infra } = spec;
  return {
    name: infra.name ?? `${pod.id.slice(0, 12)}-infra`,
    pod: pod.id,
    ...rootAndCommand(engine, infra),
    // Containers that share the uts namespace see the pod's name; that of the host is not changed.
    hostname: infra.uts?.kind === "host" ? undefined : spec.hostname || pod.name,
    labels: pod.labels,
    restart: pod.restart,
    network: infra.network,
    namespaces: { pid: infra.pid, uts: infra.uts ?? { kind: "private" }, ipc: infra.ipc ?? { kind: "shareable" }, user: infra.user },
    security: infra.security ?? {},
    resources: { pidsLimit: 0, cgroupParent: pod.cgroupPath, sysctls: infra.sysctls },
    volumes: infra.volumes,
    volumesFrom: infra.volumesFrom,
    devices: infra.devices,
    cdiDevices: infra.cdiDevices,
    shmSizeSystemd: infra.shmSizeSystemd,
    shmSize: infra.shmSize,
    conmonPidfile: infra.conmonPidfile,
    // The pause program knows no other signal.
    systemd: "false",
    httpProxy: false,
    ...infra.container,
  };
}

function rootAndCommand(engine: Pick<Engine, "config" | "defaults" | "helperDirs">, infra: InfraSpec): Partial<ContainerSpec> {
  const image = infra.image || engine.config.engine.infraImage;
  if (image !== "") {
    return {
      image,
      pull: { policy: "missing", quiet: true },
      infra: {},
      ...(infra.command === undefined ? {} : { entrypoint: infra.command }),
    };
  }
  return { infra: { program: pauseProgram(engine) }, entrypoint: infra.command ?? [PAUSE_TARGET, "-P"] };
}

/**
 * The host's pause program: catatonit, a static executable.
 *
 * @throws unavailable, naming the package
 */
export function pauseProgram(engine: Pick<Engine, "defaults" | "helperDirs">): string {
  const candidates = [
    ...(engine.defaults.initPath.endsWith("/catatonit") ? [engine.defaults.initPath] : []),
    ...[...engine.helperDirs, "/usr/bin", "/usr/local/bin"].map((directory) => `${directory}/catatonit`),
  ];
  const found = candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined)
    throw new ToolError("unavailable", "catatonit, which holds a pod's namespaces, was not found", {
      hint: "install the package catatonit, or name an image with --infra-image",
    });
  return found;
}
