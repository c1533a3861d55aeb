import { ToolError } from "@containers/common/errors/tool-error";
import type { DeviceRule } from "@containers/common/spec-builder/runtime-spec";
import type { ResourceSpec, UlimitSpec } from "../../container-spec/resource-spec.ts";
import type { SpecGenerator } from "./spec-generator-shape.ts";

type LinuxResources = NonNullable<SpecGenerator["resource_limits"]>;

const cgroupModes = ["enabled", "disabled", "no-conmon", "split"] as const;

/** The limits of a SpecGenerator. */
export function readResources(wire: SpecGenerator): ResourceSpec {
  return {
    ...withoutSwapLimit(readLimits(wire.resource_limits ?? {})),
    blkioWeightDevices: Object.entries(wire.weightDevice ?? {}).map(([path, { weight = 0 }]) => ({ path, weight })),
    deviceReadBps: rates(wire.throttleReadBpsDevice),
    deviceWriteBps: rates(wire.throttleWriteBpsDevice),
    deviceReadIops: rates(wire.throttleReadIOPSDevice),
    deviceWriteIops: rates(wire.throttleWriteIOPSDevice),
    deviceRules: [...(wire.device_cgroup_rule ?? []), ...(wire.resource_limits?.devices ?? [])].map(readRule),
    oomScoreAdj: wire.oom_score_adj,
    unified: { ...wire.resource_limits?.unified, ...wire.unified },
    ulimits: (wire.r_limits ?? []).map(readUlimit),
    sysctls: wire.sysctl ?? {},
    ...(wire.intelRdt?.closID ? { rdtClass: wire.intelRdt.closID } : {}),
    cgroups: readCgroupMode(wire.cgroups_mode),
    cgroupParent: wire.cgroup_parent === "" ? undefined : wire.cgroup_parent,
  };
}

/** Who limits memory through the API and does not speak of swap wants that unlimited; on the command line it is twice the memory. */
export function withoutSwapLimit(limits: ResourceSpec): ResourceSpec {
  return limits.memory !== undefined && limits.memorySwap === undefined ? { ...limits, memorySwap: -1 } : limits;
}

/** Memory, processors, processes and block weight of the runtime specification's `LinuxResources`. */
export function readLimits({ memory = {}, cpu = {}, pids, blockIO }: LinuxResources): ResourceSpec {
  return {
    memory: nonZero(memory.limit),
    memoryReservation: nonZero(memory.reservation),
    memorySwap: nonZero(memory.swap),
    memorySwappiness: memory.swappiness,
    oomKillDisable: memory.disableOOMKiller,
    cpuShares: nonZero(cpu.shares),
    cpuPeriod: nonZero(cpu.period),
    cpuQuota: nonZero(cpu.quota),
    cpuRealtimePeriod: nonZero(cpu.realtimePeriod),
    cpuRealtimeRuntime: nonZero(cpu.realtimeRuntime),
    cpusetCpus: cpu.cpus === "" ? undefined : cpu.cpus,
    cpusetMems: cpu.mems === "" ? undefined : cpu.mems,
    pidsLimit: pids?.limit,
    blkioWeight: nonZero(blockIO?.weight),
  };
}

function rates(devices: SpecGenerator["throttleReadBpsDevice"] = {}): { path: string; rate: number }[] {
  return Object.entries(devices).map(([path, { rate = 0 }]) => ({ path, rate }));
}

/** A number below zero stands for any. */
function readRule(rule: NonNullable<SpecGenerator["device_cgroup_rule"]>[number]): DeviceRule {
  const { allow = true, type = "a", major, minor, access = "rwm" } = rule;
  return {
    allow,
    type,
    access,
    ...(major === undefined || major < 0 ? {} : { major }),
    ...(minor === undefined || minor < 0 ? {} : { minor }),
  };
}

/** One limit; the name may begin with `RLIMIT_`. */
export function readUlimit({ type = "", soft = 0, hard = 0 }: NonNullable<SpecGenerator["r_limits"]>[number]): UlimitSpec {
  return { name: type.replace(/^RLIMIT_/i, "").toLowerCase(), soft, hard };
}

function readCgroupMode(mode: string | undefined): ResourceSpec["cgroups"] {
  if (mode === undefined || mode === "" || mode === "default") return undefined;
  const known = cgroupModes.find((one) => one === mode);
  if (known === undefined) throw new ToolError("invalid-argument", `invalid cgroup mode ${JSON.stringify(mode)}`);
  return known;
}

function nonZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}
