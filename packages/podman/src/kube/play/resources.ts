import { ToolError } from "@containers/common/errors/tool-error";
import type { DeviceSpec } from "@containers/common/mount-syntax/parse-device";
import type { ResourceSpec, UlimitSpec } from "../../container-spec/resource-spec.ts";

import { kubeAnnotations } from "../kube-annotations.ts";
import type { KubeContainerYaml } from "../schema/pod-schema.ts";
import { parseQuantity } from "../schema/quantity.ts";

/** What a container may use: its resources, and what annotations say of it. */
export function resourcesOf(
  { name, resources }: Pick<KubeContainerYaml, "name" | "resources">,
  annotations: Readonly<Record<string, string>>,
): ResourceSpec {
  const quantity = (value: string | number | undefined): number | undefined =>
    value === undefined ? undefined : parseQuantity(value) || undefined;
  const pids = annotations[`${kubeAnnotations.pidsLimit}/${name}`];
  if (pids !== undefined && !/^-?\d+$/.test(pids))
    throw new ToolError("invalid-argument", `strconv.ParseInt: parsing "${pids}": invalid syntax`);
  const limits = annotations[kubeAnnotations.ulimit];
  const memory = quantity(resources?.limits["memory"]);
  return {
    cpus: quantity(resources?.limits["cpu"]),
    memory,
    // Kubernetes does not speak of swap, so that is not limited along.
    ...(memory === undefined ? {} : { memorySwap: -1 }),
    memoryReservation: quantity(resources?.requests["memory"]),
    pidsLimit: pids === undefined ? undefined : Number(pids),
    cpusetCpus: annotations[`${kubeAnnotations.cpuset}/${name}`],
    cpusetMems: annotations[`${kubeAnnotations.memoryNodes}/${name}`],
    ulimits: limits === undefined ? [] : limits.split(",").map(parseLimit),
  };
}

/** `nofile=100:200`; one number is both. */
function parseLimit(text: string): UlimitSpec {
  const [, name, soft, hard] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (name === undefined || soft === undefined) throw new ToolError("invalid-argument", `invalid ulimit argument: ${text}`);
  return { name, soft: Number(soft), hard: Number(hard ?? soft) };
}

/** Devices among the resources: of the host (`podman.io/device=/dev/fuse: 1`), and of vendors (`vendor.com/class=name: 1`). */
export function devicesOf({ resources }: Pick<KubeContainerYaml, "resources">): {
  readonly devices: readonly DeviceSpec[];
  readonly cdiDevices: readonly string[];
} {
  const keys = new Set([...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})]);
  const devices: DeviceSpec[] = [];
  const cdiDevices: string[] = [];
  for (const key of keys) {
    const [, vendor, name] = /^([^/=]+\/[^/=]+)=(.+)$/.exec(key) ?? [];
    if (vendor === undefined || name === undefined) continue;
    if (vendor === "podman.io/device") devices.push({ source: name, target: name });
    else cdiDevices.push(key);
  }
  return { devices, cdiDevices };
}
