import { rangeBits, type SliceLimits } from "@containers/common/cgroups/systemd-slice";
import type { LinuxResources, ThrottleDevice } from "@containers/common/spec-builder/runtime-spec";
import { cpuWeight } from "./cpu-weight.ts";

const PERIOD = 100_000;
/** systemd counts processor time in hundredths. */
const QUOTA_STEP = 10_000;

/** The limits of a pod as properties of its slice. Of versions of the control groups systemd knows itself. */
export function sliceLimits({ memory, cpu, blockIO }: Pick<LinuxResources, "memory" | "cpu" | "blockIO">): SliceLimits {
  const { limit, swap, reservation } = memory ?? {};
  const numbers: Record<string, number | undefined> = {
    MemoryMax: limit,
    MemoryLow: reservation,
    // Swap alone, where the option counts both together.
    MemorySwapMax: swap === undefined || limit === undefined ? undefined : swap < 0 ? Number.POSITIVE_INFINITY : swap - limit,
    CPUQuotaPeriodUSec: cpu?.period,
    CPUQuotaPerSecUSec: cpu?.quota === undefined ? undefined : quotaPerSecond(cpu.quota, cpu.period ?? PERIOD),
    CPUWeight: cpu?.shares === undefined ? undefined : cpuWeight(cpu.shares),
    IOWeight: blockIO?.weight,
  };
  return {
    numbers: present(numbers),
    sets: present({ AllowedCPUs: bits(cpu?.cpus), AllowedMemoryNodes: bits(cpu?.mems) }),
    devices: present({
      IOReadBandwidthMax: blockIO?.throttleReadBpsDevice?.map(byPath),
      IOWriteBandwidthMax: blockIO?.throttleWriteBpsDevice?.map(byPath),
      IODeviceWeight: blockIO?.weightDevice?.map(({ weight, ...device }) => byPath({ ...device, rate: weight })),
    }),
  };
}

function quotaPerSecond(quota: number, period: number): number {
  return Math.ceil((quota * 1_000_000) / period / QUOTA_STEP) * QUOTA_STEP;
}

function bits(ranges: string | undefined): Uint8Array | undefined {
  return ranges === undefined ? undefined : rangeBits(ranges);
}

function byPath({ major, minor, rate }: ThrottleDevice): readonly [string, number] {
  return [`/dev/block/${major}:${minor}`, rate];
}

function present<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}
