import { existsSync, statSync } from "node:fs";
import { unifiedCgroupOf } from "@containers/common/cgroups/cgroup-layout";
import { ToolError } from "@containers/common/errors/tool-error";
import type { LinuxResources, ThrottleDevice } from "@containers/common/spec-builder/runtime-spec";
import { majorOf, minorOf } from "@containers/common/sys/device-number";
import type { ResourceSpec } from "../../container-spec/resource-spec.ts";

/** What the host lets this user limit. */
export interface CgroupAbility {
  readonly version: 1 | 2;
  readonly rootless: boolean;
  /** Controllers of cgroup v2 that may be used: delegated to a rootless user, or the host's for root. */
  readonly controllers: readonly string[];
}

const CPU_PERIOD = 100_000;

/**
 * The limits as the runtime wants them, less what cannot be had here; `warn` hears of each that the user asked for and does not
 * get. Device rules are made elsewhere.
 */
export function buildResources(
  asked: ResourceSpec,
  defaults: { readonly pidsLimit: number },
  host: { readonly ability: CgroupAbility; readonly warn: (message: string) => void },
): Omit<LinuxResources, "devices"> {
  const has = (controller: string): boolean => {
    const { version, rootless, controllers } = host.ability;
    return version === 2 ? controllers.includes(controller) : !rootless;
  };
  const may = (controller: string, wanted: boolean): boolean => {
    if (has(controller)) return true;
    const { rootless } = host.ability;
    const whom = rootless ? "to this user" : "on this host";
    if (wanted || !rootless) host.warn(`resource limits of the ${controller} controller are not available ${whom} and are ignored`);
    return false;
  };
  const pids = asked.pidsLimit ?? defaults.pidsLimit;
  const isLimit = pids > 0;
  const memory = memoryLimits(asked, host);
  const cpu = cpuLimits(asked);
  const blockIO = blockLimits(asked);
  return {
    ...(memory !== undefined && may("memory", true) ? { memory } : {}),
    ...(cpu !== undefined && may((cpu.cpus ?? cpu.mems) ? "cpuset" : "cpu", true) ? { cpu } : {}),
    ...(isLimit && may("pids", asked.pidsLimit !== undefined) ? { pids: { limit: pids } } : {}),
    // Said aloud, it lifts the limit of a container that runs, and systemd's own.
    ...(!isLimit && (asked.pidsLimit !== undefined || pids < 0) && has("pids") ? { pids: { limit: pids } } : {}),
    ...(blockIO !== undefined && may("io", true) ? { blockIO } : {}),
    ...(asked.unified === undefined || Object.keys(asked.unified).length === 0 ? {} : { unified: asked.unified }),
  };
}

function memoryLimits(
  asked: ResourceSpec,
  host: { readonly ability: CgroupAbility; readonly warn: (message: string) => void },
): LinuxResources["memory"] {
  const { memoryReservation, memorySwappiness, oomKillDisable } = asked;
  // 0 is no limit, as it is without the option.
  const memory = asked.memory || undefined;
  const swap = asked.memorySwap || (memory === undefined ? undefined : memory * 2);
  const swapCounted = countsSwap(host.ability.version);
  if ((asked.memorySwap ?? 0) > 0 && !swapCounted) host.warn("the kernel does not account for swap: memory is limited without it");
  const limits = {
    ...(memory === undefined ? {} : { limit: memory }),
    ...(memoryReservation ? { reservation: memoryReservation } : {}),
    ...(swap === undefined || !swapCounted ? {} : { swap }),
    ...(memorySwappiness === undefined || memorySwappiness < 0 ? {} : { swappiness: memorySwappiness }),
    ...(oomKillDisable === true ? { disableOOMKiller: true } : {}),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** Whether the kernel limits swap too. Of v2 the cgroup of this process tells it, unless that is the hierarchy's top. */
function countsSwap(version: 1 | 2): boolean {
  if (version === 1) return existsSync("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes");
  const own = `/sys/fs/cgroup${unifiedCgroupOf("self") ?? ""}`;
  return existsSync(`${own}/memory.swap.max`) || !existsSync(`${own}/memory.max`);
}

function cpuLimits(asked: ResourceSpec): LinuxResources["cpu"] {
  if (asked.cpus !== undefined && asked.cpus > 0 && (asked.cpuPeriod !== undefined || asked.cpuQuota !== undefined)) {
    throw new ToolError("invalid-argument", "--cpus and --cpu-period or --cpu-quota cannot be set together");
  }
  const byCount = asked.cpus !== undefined && asked.cpus > 0;
  const period = byCount ? CPU_PERIOD : asked.cpuPeriod;
  const quota = byCount ? Math.round((asked.cpus ?? 0) * CPU_PERIOD) : asked.cpuQuota;
  const limits = {
    ...(asked.cpuShares ? { shares: asked.cpuShares } : {}),
    ...(quota ? { quota } : {}),
    ...(period ? { period } : {}),
    ...(asked.cpuRealtimeRuntime ? { realtimeRuntime: asked.cpuRealtimeRuntime } : {}),
    ...(asked.cpuRealtimePeriod ? { realtimePeriod: asked.cpuRealtimePeriod } : {}),
    ...(asked.cpusetCpus ? { cpus: asked.cpusetCpus } : {}),
    ...(asked.cpusetMems ? { mems: asked.cpusetMems } : {}),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** Limits of block devices, by their numbers. */
export function blockLimits(asked: ResourceSpec): LinuxResources["blockIO"] {
  const throttle = (devices: ResourceSpec["deviceReadBps"]): ThrottleDevice[] | undefined =>
    devices?.map(({ path, rate }) => ({ ...deviceNumbers(path), rate }));
  const limits = {
    ...(asked.blkioWeight ? { weight: asked.blkioWeight } : {}),
    ...pick(
      "weightDevice",
      asked.blkioWeightDevices?.map(({ path, weight }) => ({
        ...deviceNumbers(path, `failed to inspect '${path}' in --blkio-weight-device`),
        weight,
      })),
    ),
    ...pick("throttleReadBpsDevice", throttle(asked.deviceReadBps)),
    ...pick("throttleWriteBpsDevice", throttle(asked.deviceWriteBps)),
    ...pick("throttleReadIOPSDevice", throttle(asked.deviceReadIops)),
    ...pick("throttleWriteIOPSDevice", throttle(asked.deviceWriteIops)),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

function pick<K extends string, V>(key: K, list: readonly V[] | undefined): { readonly [P in K]?: readonly V[] } {
  // A computed key widens to string; the type above says what it is.
  return list === undefined || list.length === 0 ? {} : ({ [key]: list } as { readonly [P in K]?: readonly V[] });
}

/** @throws invalid-argument for what is no block device: only those have limits */
function deviceNumbers(path: string, missing = `could not parse device ${path}`): { readonly major: number; readonly minor: number } {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new ToolError("invalid-argument", `${missing}: no such file or directory`);
  if (!stat.isBlockDevice()) throw new ToolError("invalid-argument", `${path}: not a block device`);
  const { rdev } = stat;
  return { major: majorOf(rdev), minor: minorOf(rdev) };
}
