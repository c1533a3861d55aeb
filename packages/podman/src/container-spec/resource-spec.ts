import type { DeviceRule } from "@containers/common/spec-builder/runtime-spec";

export interface ResourceSpec {
  /** Bytes. */
  readonly memory?: number;
  readonly memoryReservation?: number;
  /** Bytes of memory and swap together; -1 for no limit. */
  readonly memorySwap?: number;
  readonly memorySwappiness?: number;
  /** CPUs as a decimal. Excludes period and quota. */
  readonly cpus?: number;
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuRealtimePeriod?: number;
  readonly cpuRealtimeRuntime?: number;
  readonly cpuShares?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** -1 or 0 for no limit; default containers.conf's 2048. */
  readonly pidsLimit?: number;
  readonly blkioWeight?: number;
  readonly blkioWeightDevices?: ReadonlyArray<{ readonly path: string; readonly weight: number }>;
  readonly deviceReadBps?: ReadonlyArray<{ readonly path: string; readonly rate: number }>;
  readonly deviceWriteBps?: ReadonlyArray<{ readonly path: string; readonly rate: number }>;
  readonly deviceReadIops?: ReadonlyArray<{ readonly path: string; readonly rate: number }>;
  readonly deviceWriteIops?: ReadonlyArray<{ readonly path: string; readonly rate: number }>;
  /** What of devices is allowed besides, for root alone. */
  readonly deviceRules?: readonly DeviceRule[];
  readonly oomKillDisable?: boolean;
  readonly oomScoreAdj?: number;
  /** cgroup v2 files by name (`--cgroup-conf`). */
  readonly unified?: Readonly<Record<string, string>>;
  /** Class of service of Intel's resource director. */
  readonly rdtClass?: string;
  readonly ulimits?: readonly UlimitSpec[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** `enabled`, `disabled`, `no-conmon`, `split`. */
  readonly cgroups?: "enabled" | "disabled" | "no-conmon" | "split";
  readonly cgroupParent?: string;
}

export interface UlimitSpec {
  /** `nofile`, without RLIMIT_. The name `host` copies the caller's limits. */
  readonly name: string;
  /** -1 for no limit. */
  readonly soft: number;
  readonly hard: number;
}
