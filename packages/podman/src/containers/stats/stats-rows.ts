import { formatDuration } from "@containers/common/cli/flag-values/duration";
import { humanBinarySize, humanSize } from "@containers/common/report/units";
import type { ContainerStats, InterfaceCounters } from "./stats.ts";

export const statsHeaders: Readonly<Record<string, string>> = {
  UpTime: "CPU TIME",
  CPUPerc: "CPU %",
  AVGCPU: "AVG CPU %",
  MemUsage: "MEM USAGE / LIMIT",
  MemUsageBytes: "MEM USAGE / LIMIT",
  MemPerc: "MEM %",
  NetIO: "NET IO",
  BlockIO: "BLOCK IO",
  PIDS: "PIDS",
};

export const statsColumns = ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDS", "UpTime", "AVGCPU"] as const;

/** What `--format` templates see of a measurement. */
export function statsTemplateRow(stats: ContainerStats, full: boolean) {
  const network = [...stats.network.values()];
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const upTime = formatDuration(stats.cpuNanos / 1e6);
  const measured = {
    AvgCPU: stats.averageCpuPercent,
    ContainerID: stats.id,
    Name: stats.name,
    PerCPU: stats.perCpu,
    CPU: stats.cpuPercent,
    CPUNano: stats.cpuNanos,
    CPUSystemNano: stats.cpuSystemNanos,
    SystemNano: stats.measuredAt,
    MemUsage: stats.memory,
    MemLimit: stats.memoryLimit,
    MemPerc: stats.memoryPercent,
    Network: new Map([...stats.network].map(([name, counters]) => [name, interfaceJson(counters)])),
    BlockInput: stats.blockInput,
    BlockOutput: stats.blockOutput,
    PIDs: stats.pids,
    UpTime: upTime,
    Duration: stats.cpuNanos,
  };
  return {
    ...measured,
    ContainerStats: measured,
    ID: full ? stats.id : stats.id.slice(0, 12),
    CPUPerc: percentText(stats.cpuPercent),
    AVGCPU: percentText(stats.averageCpuPercent),
    MemUsage: pair(stats.memory, stats.memoryLimit, humanSize),
    MemUsageBytes: pair(stats.memory, stats.memoryLimit, humanBinarySize),
    MemPerc: percentText(stats.memoryPercent),
    NetIO: pair(sum(network.map(({ received }) => received.bytes)), sum(network.map(({ sent }) => sent.bytes)), humanSize),
    BlockIO: pair(stats.blockInput, stats.blockOutput, humanSize),
    PIDS: String(stats.pids),
    Up: upTime,
  };
}

/** One object of `--format json`. */
export function statsJsonRow(stats: ContainerStats, full: boolean) {
  const row = statsTemplateRow(stats, full);
  return {
    id: row.ID,
    name: row.Name,
    cpu_time: row.Up,
    cpu_percent: row.CPUPerc,
    avg_cpu: row.AVGCPU,
    mem_usage: row.MemUsage,
    mem_percent: row.MemPerc,
    net_io: row.NetIO,
    block_io: row.BlockIO,
    pids: row.PIDS,
  };
}

function percentText(value: number): string {
  return `${value.toFixed(2)}%`;
}

function pair(one: number, other: number, text: (bytes: number) => string): string {
  return `${text(one)} / ${text(other)}`;
}

/** A measurement as the API shows it: the original's keys in its order. */
export function containerStatsJson(stats: ContainerStats) {
  return {
    AvgCPU: stats.averageCpuPercent,
    ContainerID: stats.id,
    Name: stats.name,
    PerCPU: stats.perCpu.length === 0 ? null : stats.perCpu,
    CPU: stats.cpuPercent,
    CPUNano: stats.cpuNanos,
    CPUSystemNano: stats.cpuSystemNanos,
    SystemNano: stats.measuredAt,
    MemUsage: stats.memory,
    MemLimit: stats.memoryLimit,
    MemPerc: stats.memoryPercent,
    Network: Object.fromEntries([...stats.network].map(([name, counters]) => [name, interfaceJson(counters)])),
    BlockInput: stats.blockInput,
    BlockOutput: stats.blockOutput,
    PIDs: stats.pids,
    UpTime: stats.cpuNanos,
    Duration: stats.cpuNanos,
  };
}

function interfaceJson({ received, sent }: InterfaceCounters) {
  return {
    RxBytes: received.bytes,
    RxDropped: received.dropped,
    RxErrors: received.errors,
    RxPackets: received.packets,
    TxBytes: sent.bytes,
    TxDropped: sent.dropped,
    TxErrors: sent.errors,
    TxPackets: sent.packets,
  };
}
