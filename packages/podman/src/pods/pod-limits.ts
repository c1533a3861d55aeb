import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { hierarchyControllers, readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { managerSocket } from "@containers/common/cgroups/systemd-manager";
import { startSlice, stopSlice } from "@containers/common/cgroups/systemd-slice";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { LinuxResources, ThrottleDevice } from "@containers/common/spec-builder/runtime-spec";
import { buildResources } from "../containers/prepare/resources.ts";
import type { Engine } from "../engine/engine.ts";
import { cpuWeight } from "./cpu-weight.ts";
import type { PodRecord } from "./pod-record.ts";
import { sliceLimits } from "./slice-limits.ts";

/** A limit is a file of the pod's cgroup and what is written there. */
export interface LimitFile {
  readonly controller: "memory" | "cpu" | "cpuset" | "io" | "blkio";
  readonly file: string;
  readonly value: string;
}

const CONTROLLERS = ["memory", "cpu", "cpuset", "io"] as const;

type Ports = Pick<Engine, "warn" | "rootless" | "cgroupManager" | "sys">;

/** Says so where the pod has no cgroup that could be limited: as with containers, what cannot be had is done without. */
export function warnOfLimits(engine: Ports, pod: Pick<PodRecord, "limits" | "cgroupPath">): void {
  if (pod.limits !== undefined && !isLimited(engine, pod))
    engine.warn("resource limits of a pod are not available to this user and are ignored");
}

/** An ordinary user has cgroups to set limits of only from systemd. */
function isLimited(engine: Ports, pod: Pick<PodRecord, "cgroupPath">): boolean {
  return pod.cgroupPath !== "" && (!engine.rootless || engine.cgroupManager === "systemd");
}

/** Makes the pod's cgroup and sets its limits; the containers' cgroups are below. Nothing to do for a pod without limits. */
export function applyPodLimits(engine: Ports, pod: Pick<PodRecord, "limits" | "cgroupPath">, root = "/sys/fs/cgroup"): void {
  if (pod.limits === undefined || !isLimited(engine, pod)) return;
  const { version } = readCgroupLayout(root);
  // systemd passes over what it cannot have.
  const controllers = engine.cgroupManager === "systemd" ? CONTROLLERS : hierarchyControllers();
  const ability = { version, rootless: false, controllers };
  const resources = buildResources(pod.limits, { pidsLimit: 0 }, { ability, warn: engine.warn });
  if (engine.cgroupManager === "systemd") limitSlice(engine, pod.cgroupPath, resources);
  else limitDirectory(pod.cgroupPath, resources, { root, version });
}

/** Gives the pod's slice back, which outlives the containers in it. A failure is told, nothing more. */
export function dropPodSlice(engine: Omit<Ports, "cgroupManager">, { cgroupPath }: Pick<PodRecord, "cgroupPath">): void {
  const socket = managerSocket(engine.rootless, process.env["XDG_RUNTIME_DIR"]);
  if (!cgroupPath.endsWith(".slice") || socket === undefined || !existsSync(socket)) return;
  try {
    stopSlice(engine.sys, socket, basename(cgroupPath));
  } catch (error) {
    engine.warn(`the pod's slice ${basename(cgroupPath)} stays: ${describeError(error)}`);
  }
}

function limitSlice(engine: Ports, path: string, resources: LinuxResources): void {
  const socket = managerSocket(engine.rootless, process.env["XDG_RUNTIME_DIR"]);
  if (socket === undefined || !existsSync(socket)) throw new ToolError("unavailable", "there is no systemd that could limit the pod");
  startSlice(engine.sys, { unit: basename(path), socket, limits: sliceLimits(resources) });
}

function limitDirectory(
  path: string,
  resources: LinuxResources,
  { root, version }: { readonly root: string; readonly version: 1 | 2 },
): void {
  for (const limit of version === 2 ? unifiedLimits(resources) : splitLimits(resources)) {
    const base = version === 2 ? root : `${root}/${limit.controller}`;
    const directory = `${base}/${path.replace(/^\//, "")}`;
    try {
      if (version === 2) enable(root, directory, limit.controller);
      else makeSplit(base, directory, limit.controller);
      const file = fileOf(directory, limit);
      if (file !== undefined) writeFileSync(file, limit.value);
    } catch (error) {
      throw wrapError(`setting ${limit.file} of the pod's cgroup ${path}`, error);
    }
  }
}

/** v1's weights belong to a scheduler that a kernel may not have, or under another name: as with containers, they are done without then. */
function fileOf(directory: string, { controller, file }: LimitFile): string | undefined {
  if (controller !== "blkio") return `${directory}/${file}`;
  return [file, file.replace("blkio.", "blkio.bfq.")].map((name) => `${directory}/${name}`).find((path) => existsSync(path));
}

/** cgroup v2's files. */
export function unifiedLimits({ memory, cpu, blockIO }: Pick<LinuxResources, "memory" | "cpu" | "blockIO">): LimitFile[] {
  const { limit, swap, reservation } = memory ?? {};
  return [
    ...(limit === undefined ? [] : [{ controller: "memory", file: "memory.max", value: String(limit) } as const]),
    // v2 counts swap alone, the option both together.
    ...(swap === undefined || limit === undefined
      ? []
      : [{ controller: "memory", file: "memory.swap.max", value: swap < 0 ? "max" : String(swap - limit) } as const]),
    ...(reservation === undefined ? [] : [{ controller: "memory", file: "memory.low", value: String(reservation) } as const]),
    ...(cpu?.quota === undefined ? [] : [{ controller: "cpu", file: "cpu.max", value: `${cpu.quota} ${cpu.period ?? 100_000}` } as const]),
    ...(cpu?.shares === undefined ? [] : [{ controller: "cpu", file: "cpu.weight", value: String(cpuWeight(cpu.shares)) } as const]),
    ...cpusetLimits(cpu),
    ...(blockIO?.weight === undefined
      ? []
      : [{ controller: "io", file: "io.weight", value: `default ${ioWeight(blockIO.weight)}` } as const]),
    ...(blockIO?.weightDevice ?? []).map(
      ({ major, minor, weight }) => ({ controller: "io", file: "io.weight", value: `${major}:${minor} ${ioWeight(weight)}` }) as const,
    ),
    ...throttles("io", "io.max", "rbps=", blockIO?.throttleReadBpsDevice),
    ...throttles("io", "io.max", "wbps=", blockIO?.throttleWriteBpsDevice),
  ];
}

/** cgroup v1's files. */
export function splitLimits({ memory, cpu, blockIO }: Pick<LinuxResources, "memory" | "cpu" | "blockIO">): LimitFile[] {
  const { limit, swap } = memory ?? {};
  return [
    ...(limit === undefined ? [] : [{ controller: "memory", file: "memory.limit_in_bytes", value: String(limit) } as const]),
    ...(swap === undefined ? [] : [{ controller: "memory", file: "memory.memsw.limit_in_bytes", value: String(swap) } as const]),
    ...(cpu?.period === undefined ? [] : [{ controller: "cpu", file: "cpu.cfs_period_us", value: String(cpu.period) } as const]),
    ...(cpu?.quota === undefined ? [] : [{ controller: "cpu", file: "cpu.cfs_quota_us", value: String(cpu.quota) } as const]),
    ...(cpu?.shares === undefined ? [] : [{ controller: "cpu", file: "cpu.shares", value: String(cpu.shares) } as const]),
    ...cpusetLimits(cpu),
    ...(blockIO?.weight === undefined ? [] : [{ controller: "blkio", file: "blkio.weight", value: String(blockIO.weight) } as const]),
    ...(blockIO?.weightDevice ?? []).map(
      ({ major, minor, weight }) => ({ controller: "blkio", file: "blkio.weight_device", value: `${major}:${minor} ${weight}` }) as const,
    ),
    ...throttles("blkio", "blkio.throttle.read_bps_device", "", blockIO?.throttleReadBpsDevice),
    ...throttles("blkio", "blkio.throttle.write_bps_device", "", blockIO?.throttleWriteBpsDevice),
  ];
}

function cpusetLimits(cpu: LinuxResources["cpu"]): LimitFile[] {
  return [
    ...(cpu?.cpus === undefined ? [] : [{ controller: "cpuset", file: "cpuset.cpus", value: cpu.cpus } as const]),
    ...(cpu?.mems === undefined ? [] : [{ controller: "cpuset", file: "cpuset.mems", value: cpu.mems } as const]),
  ];
}

/** Weights of cgroup v1 are 10 to 1000, those of v2 1 to 10000. */
function ioWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

function throttles(controller: "io" | "blkio", file: string, prefix: string, devices: readonly ThrottleDevice[] = []): LimitFile[] {
  return devices.map(({ major, minor, rate }) => ({ controller, file, value: `${major}:${minor} ${prefix}${rate}` }));
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
