import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { cgroupDirectories, readCgroupUsage } from "@containers/common/cgroups/cgroup-usage";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { isSameProcess } from "../../monitor/process-identity.ts";
import type { Container } from "../config.ts";

/** What a container uses. Everything is zero for one that does not run. */
export interface ContainerStats {
  readonly id: string;
  readonly name: string;
  /** Nanoseconds of CPU time so far, and those of the kernel. */
  readonly cpuNanos: number;
  readonly cpuSystemNanos: number;
  readonly perCpu: readonly number[];
  /** When this was measured, in nanoseconds since the epoch. */
  readonly measuredAt: number;
  /** Percent of one CPU since the last measurement, or since the start; and since the start. */
  readonly cpuPercent: number;
  readonly averageCpuPercent: number;
  /** Bytes. The limit is the machine's memory where none was set. */
  readonly memory: number;
  readonly memoryLimit: number;
  readonly memoryPercent: number;
  readonly pids: number;
  readonly blockInput: number;
  readonly blockOutput: number;
  /** By interface; empty without a network of its own. */
  readonly network: ReadonlyMap<string, InterfaceCounters>;
}

/** What went through an interface so far, each way. */
export interface InterfaceCounters {
  readonly received: TrafficCounters;
  readonly sent: TrafficCounters;
}

export interface TrafficCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/**
 * Measures a container; `previous` is the last measurement of it, which the CPU percentage is counted from. invalid-state when it has no
 * control group of its own.
 */
export function containerStats(
  engine: Pick<Engine, "state">,
  { config, state }: Container,
  previous?: ContainerStats,
): ContainerStats | undefined {
  const idle = idleStats(config);
  const runs = (state.status === "running" || state.status === "paused") && isSameProcess(state.pid, state.pidStartTime);
  if (!runs) return config.resources.cgroups === "disabled" ? refuse(config.id) : idle;
  const directories = cgroupDirectories(readProc(state.pid, "cgroup"), config.id);
  if (config.resources.cgroups === "disabled" || directories === undefined) return refuse(config.id);
  const usage = readCgroupUsage(directories);
  if (usage === undefined) return engine.state.containers.get(config.id) === undefined ? undefined : idle;
  const now = Date.now() * 1e6;
  const startedAt = Date.parse(state.startedAt) * 1e6;
  // Less than before: it was restarted meanwhile.
  const last = previous === undefined || previous.cpuNanos > usage.cpu || previous.measuredAt === 0 ? undefined : previous;
  const total = totalmem();
  const memoryLimit = usage.memoryLimit === undefined || usage.memoryLimit > total ? total : usage.memoryLimit;
  return {
    ...idle,
    cpuNanos: usage.cpu,
    cpuSystemNanos: usage.cpuSystem,
    perCpu: usage.perCpu,
    measuredAt: now,
    cpuPercent: percent(usage.cpu - (last?.cpuNanos ?? 0), now - (last?.measuredAt ?? startedAt)),
    averageCpuPercent: percent(usage.cpu, now - startedAt),
    memory: usage.memory,
    memoryLimit,
    memoryPercent: percent(usage.memory, memoryLimit),
    pids: usage.pids,
    blockInput: usage.blockInput,
    blockOutput: usage.blockOutput,
    network: config.network.mode.kind === "host" ? new Map() : parseInterfaces(readProc(state.pid, "net/dev")),
  };
}

/** Interfaces out of /proc/PID/net/dev; the loopback tells nothing. */
export function parseInterfaces(text: string): Map<string, InterfaceCounters> {
  const interfaces = new Map<string, InterfaceCounters>();
  for (const line of text.split("\n")) {
    const [, name, counters] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || counters === undefined || name === "lo") continue;
    const numbers = counters.split(/\s+/).map(Number);
    const from = (at: number): TrafficCounters => {
      const [bytes = 0, packets = 0, errors = 0, dropped = 0] = numbers.slice(at, at + 4);
      return { bytes, packets, errors, dropped };
    };
    interfaces.set(name, { received: from(0), sent: from(8) });
  }
  return interfaces;
}

function refuse(id: string): never {
  throw new ToolError(
    "invalid-state",
    `cannot run top on container ${id} as it did not create a cgroup: this container does not have a cgroup`,
    { code: "no-cgroup", exitCode: 125 },
  );
}

function idleStats({ id, name }: Container["config"]): ContainerStats {
  return {
    id,
    name,
    cpuNanos: 0,
    cpuSystemNanos: 0,
    perCpu: [],
    measuredAt: 0,
    cpuPercent: 0,
    averageCpuPercent: 0,
    memory: 0,
    memoryLimit: 0,
    memoryPercent: 0,
    pids: 0,
    blockInput: 0,
    blockOutput: 0,
    network: new Map(),
  };
}

function percent(part: number, whole: number): number {
  return part > 0 && whole > 0 ? (part / whole) * 100 : 0;
}

/** Empty when the process has gone meanwhile. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
