import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { LinuxResources } from "@containers/common/spec-builder/runtime-spec";
import type { ResourceSpec } from "../container-spec/resource-spec.ts";
import { buildResources } from "../containers/prepare/resources.ts";
import type { Engine } from "../engine/engine.ts";
import type { PodRecord } from "./pod-record.ts";

/** A limit is a file of the pod's cgroup and what is written there. */
export interface LimitFile {
  readonly controller: "memory" | "cpu" | "cpuset";
  readonly file: string;
  readonly value: string;
}

type Ports = Pick<Engine, "warn" | "rootless" | "cgroupManager">;

/** @throws unsupported where the pod has no cgroup that this engine makes itself */
export function requireLimits(engine: Ports, limits: ResourceSpec | undefined): void {
  if (limits === undefined) return;
  if (engine.rootless) throw new ToolError("unsupported", "resource limits of a whole pod are not supported yet for ordinary users");
  if (engine.cgroupManager === "systemd")
    throw new ToolError("unsupported", "resource limits of a whole pod are not supported yet with the systemd cgroup manager", {
      hint: "use --cgroup-manager cgroupfs",
    });
}

/** Makes the pod's cgroup and sets its limits; the containers' cgroups are below. Nothing to do for a pod without limits. */
export function applyPodLimits(engine: Ports, pod: Pick<PodRecord, "limits" | "cgroupPath">, root = "/sys/fs/cgroup"): void {
  if (pod.limits === undefined || pod.cgroupPath === "") return;
  const { version } = readCgroupLayout(root);
  const resources = buildResources(
    pod.limits,
    { pidsLimit: 0 },
    { ability: { version, rootless: false, controllers: [] }, warn: engine.warn },
  );
  for (const limit of version === 2 ? unifiedLimits(resources) : splitLimits(resources)) {
    const base = version === 2 ? root : `${root}/${limit.controller}`;
    const directory = `${base}/${pod.cgroupPath.replace(/^\//, "")}`;
    try {
      if (version === 2) enable(root, directory, limit.controller);
      else makeSplit(base, directory, limit.controller);
      writeFileSync(`${directory}/${limit.file}`, limit.value);
    } catch (error) {
      throw wrapError(`setting ${limit.file} of the pod's cgroup ${pod.cgroupPath}`, error);
    }
  }
}

/** cgroup v2's files. */
export function unifiedLimits({ memory, cpu }: Pick<LinuxResources, "memory" | "cpu">): LimitFile[] {
  const { limit, swap, reservation } = memory ?? {};
  return [
    ...(limit === undefined ? [] : [{ controller: "memory", file: "memory.max", value: String(limit) } as const]),
    // v2 counts swap alone, the option both together.
    ...(swap === undefined || limit === undefined
      ? []
      : [{ controller: "memory", file: "memory.swap.max", value: swap < 0 ? "max" : String(swap - limit) } as const]),
    ...(reservation === undefined ? [] : [{ controller: "memory", file: "memory.low", value: String(reservation) } as const]),
    ...(cpu?.quota === undefined ? [] : [{ controller: "cpu", file: "cpu.max", value: `${cpu.quota} ${cpu.period ?? 100_000}` } as const]),
    ...(cpu?.shares === undefined ? [] : [{ controller: "cpu", file: "cpu.weight", value: String(weightOf(cpu.shares)) } as const]),
    ...cpusetLimits(cpu),
  ];
}

/** cgroup v1's files. */
export function splitLimits({ memory, cpu }: Pick<LinuxResources, "memory" | "cpu">): LimitFile[] {
  const { limit, swap } = memory ?? {};
  return [
    ...(limit === undefined ? [] : [{ controller: "memory", file: "memory.limit_in_bytes", value: String(limit) } as const]),
    ...(swap === undefined ? [] : [{ controller: "memory", file: "memory.memsw.limit_in_bytes", value: String(swap) } as const]),
    ...(cpu?.period === undefined ? [] : [{ controller: "cpu", file: "cpu.cfs_period_us", value: String(cpu.period) } as const]),
    ...(cpu?.quota === undefined ? [] : [{ controller: "cpu", file: "cpu.cfs_quota_us", value: String(cpu.quota) } as const]),
    ...(cpu?.shares === undefined ? [] : [{ controller: "cpu", file: "cpu.shares", value: String(cpu.shares) } as const]),
    ...cpusetLimits(cpu),
  ];
}

function cpusetLimits(cpu: LinuxResources["cpu"]): LimitFile[] {
  return [
    ...(cpu?.cpus === undefined ? [] : [{ controller: "cpuset", file: "cpuset.cpus", value: cpu.cpus } as const]),
    ...(cpu?.mems === undefined ? [] : [{ controller: "cpuset", file: "cpuset.mems", value: cpu.mems } as const]),
  ];
}

/** Shares are 2 to 262144, weights 1 to 10000. */
function weightOf(shares: number): number {
  return Math.round(1 + ((Math.min(Math.max(shares, 2), 262_144) - 2) * 9999) / 262_142);
}

/** Every cgroup above hands the controller down. */
function enable(root: string, directory: string, controller: string): void {
  mkdirSync(directory, { recursive: true });
  const above: string[] = [];
  for (let path = dirname(directory); path.length >= root.length; path = dirname(path)) above.unshift(path);
  for (const path of above) {
    const handed = readFileSync(`${path}/cgroup.subtree_control`, "utf8").split(/\s+/);
    if (!handed.includes(controller)) writeFileSync(`${path}/cgroup.subtree_control`, `+${controller}`);
  }
}

/** A new cpuset is empty, and nothing can be in it or below until it has been given what its parent has. */
function makeSplit(base: string, directory: string, controller: string): void {
  if (existsSync(directory)) return;
  const parent = dirname(directory);
  if (parent.length > base.length) makeSplit(base, parent, controller);
  mkdirSync(directory);
  if (controller !== "cpuset") return;
  for (const file of ["cpuset.cpus", "cpuset.mems"]) writeFileSync(`${directory}/${file}`, readFileSync(`${parent}/${file}`));
}
