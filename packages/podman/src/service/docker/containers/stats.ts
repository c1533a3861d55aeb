import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { currentContainer } from "../../../containers/lifecycle/stale.ts";
import { type ContainerStats, containerStats, type InterfaceCounters } from "../../../containers/stats/stats.ts";
import type { Engine } from "../../../engine/engine.ts";
import { HttpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { flushedJson } from "../../reply.ts";
import type { Handler } from "../../route.ts";

/** Milliseconds between two measurements. */
const INTERVAL = 5000;

/** `GET /containers/{name}/stats`. As with the original, the status goes out before the type of what follows is known. */
export const containerStatsRoute: Handler = async (request) => {
  const { engine, signal } = request;
  const { stream = true, "one-shot": oneShot } = readQuery(request, { stream: "bool", "one-shot": "bool" });
  if (stream && oneShot === true) throw new HttpError(400, "invalid argument");
  const { config, state } = await currentContainer(engine, request.param("name"));
  if (state.status !== "running" && state.status !== "paused")
    return flushedJson({ cause: "container is stopped", message: "container is stopped", response: 500 }, { isTyped: false });
  const measure = sampler(engine, config.id, { idKey: request.isLibpod ? "Id" : "id", isCompared: stream });
  if (!stream) return flushedJson((await measure()) ?? {}, { isTyped: false });
  return {
    status: 200,
    body: (async function* () {
      for (let sample = await measure(); sample !== undefined && !signal.aborted; sample = await measure()) {
        yield `${JSON.stringify(sample)}\n`;
        await delay(INTERVAL, undefined, { signal }).catch(() => undefined);
      }
    })(),
  };
};

interface SampleOptions {
  readonly idKey: "Id" | "id";
  /** The answer names the measurement before, of which there is one even before the first. */
  readonly isCompared: boolean;
}

/** Measures, each time against the measurement before; undefined once the container does not run. */
function sampler(engine: Engine, id: string, { idKey, isCompared }: SampleOptions): () => Promise<Record<string, unknown> | undefined> {
  let last: Measured | undefined;
  let before: Before | undefined;
  const measureOnce = (): Measured | undefined => {
    const container = engine.state.containers.get(id);
    if (container === undefined || (container.state.status !== "running" && container.state.status !== "paused")) return undefined;
    const stats = containerStats(engine, container, last?.stats);
    return stats === undefined || stats.measuredAt === 0 ? undefined : { stats, system: systemCpu() };
  };
  return async () => {
    last ??= measureOnce();
    if (isCompared && last !== undefined && before === undefined) before = { measuredAt: last.stats.measuredAt, cpu: cpuJson(last, 0) };
    const now = measureOnce();
    if (now === undefined) return undefined;
    const { id: key, ...sample } = statsJson(now, before);
    last = now;
    if (isCompared) before = { measuredAt: now.stats.measuredAt, cpu: cpuJson(now, availableParallelism()) };
    return { [idKey]: key, ...sample };
  };
}

/** What an answer tells of the measurement before. */
interface Before {
  readonly measuredAt: number;
  readonly cpu: Record<string, unknown>;
}

interface Measured {
  readonly stats: ContainerStats;
  readonly system: number;
}

function statsJson(now: Measured, before: Before | undefined): Record<string, unknown> {
  const { stats } = now;
  const block = (op: string, value: number) => ({ major: 0, minor: 0, op, value });
  return {
    name: stats.name,
    id: stats.id,
    networks: Object.fromEntries([...stats.network].map(([name, counters]) => [name, networkJson(counters)])),
    read: new Date(stats.measuredAt / 1e6).toISOString(),
    preread: before === undefined ? "0001-01-01T00:00:00Z" : new Date(before.measuredAt / 1e6).toISOString(),
    pids_stats: { current: stats.pids },
    blkio_stats: {
      io_service_bytes_recursive:
        stats.blockInput + stats.blockOutput === 0 ? [] : [block("read", stats.blockInput), block("write", stats.blockOutput)],
      io_serviced_recursive: null,
      io_queue_recursive: null,
      io_service_time_recursive: null,
      io_wait_time_recursive: null,
      io_merged_recursive: null,
      io_time_recursive: null,
      sectors_recursive: null,
    },
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuJson(now, availableParallelism()),
    precpu_stats: before?.cpu ?? NO_CPU,
    memory_stats: { usage: stats.memory, limit: stats.memoryLimit },
  };
}

function networkJson({ received, sent }: InterfaceCounters): Record<string, number> {
  return {
    rx_bytes: received.bytes,
    rx_packets: received.packets,
    rx_errors: received.errors,
    rx_dropped: received.dropped,
    tx_bytes: sent.bytes,
    tx_packets: sent.packets,
    tx_errors: sent.errors,
    tx_dropped: sent.dropped,
  };
}

const THROTTLING = { periods: 0, throttled_periods: 0, throttled_time: 0 };

/** What was never measured. */
const NO_CPU = { cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 }, cpu: 0, throttling_data: THROTTLING };

function cpuJson({ stats, system }: Measured, cpus: number): Record<string, unknown> {
  return {
    cpu_usage: {
      total_usage: stats.cpuNanos,
      ...(stats.perCpu.length === 0 ? {} : { percpu_usage: stats.perCpu }),
      usage_in_kernelmode: stats.cpuSystemNanos,
      usage_in_usermode: Math.max(0, stats.cpuNanos - stats.cpuSystemNanos),
    },
    system_cpu_usage: system,
    ...(cpus === 0 ? {} : { online_cpus: cpus }),
    cpu: stats.cpuPercent,
    throttling_data: THROTTLING,
  };
}

/** Nanoseconds of processor time of the whole machine. */
function systemCpu(): number {
  const ticks = (/^cpu\s+(.*)$/m.exec(readFileSync("/proc/stat", "latin1"))?.[1] ?? "").split(/\s+/).slice(0, 8);
  return ticks.reduce((sum, value) => sum + Number(value), 0) * 1e7;
}
