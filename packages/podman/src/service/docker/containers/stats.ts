import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { currentContainer } from "../../../containers/lifecycle/stale.ts";
import { type ContainerStats, containerStats, type InterfaceCounters } from "../../../containers/stats/stats.ts";
import type { Engine } from "../../../engine/engine.ts";
import { HttpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";

/** Milliseconds between two measurements. */
const INTERVAL = 1000;

/** `GET /containers/{name}/stats`. */
export const containerStatsRoute: Handler = async (request) => {
  const { engine, signal } = request;
  const { stream = true, "one-shot": oneShot } = readQuery(request, { stream: "bool", "one-shot": "bool" });
  if (stream && oneShot === true) throw new HttpError(400, "invalid combination: use of one-shot with stream");
  const { config, state } = await currentContainer(engine, request.param("name"));
  if (state.status !== "running" && state.status !== "paused")
    return json(200, { cause: "container is stopped", message: "container is stopped", response: 500 });
  const measure = sampler(engine, config.id, request.isLibpod ? "Id" : "id");
  if (!stream) {
    if (oneShot !== true) {
      await measure();
      await delay(INTERVAL);
    }
    return json(200, (await measure()) ?? {});
  }
  return {
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: (async function* () {
      for (let sample = await measure(); sample !== undefined && !signal.aborted; sample = await measure()) {
        yield `${JSON.stringify(sample)}\n`;
        await delay(INTERVAL);
      }
    })(),
  };
};

/** Measures, each time with the measurement before; undefined once the container does not run. */
function sampler(engine: Engine, id: string, idKey: "Id" | "id"): () => Promise<Record<string, unknown> | undefined> {
  let last: { readonly stats: ContainerStats; readonly system: number } | undefined;
  return async () => {
    const container = engine.state.containers.get(id);
    if (container === undefined || (container.state.status !== "running" && container.state.status !== "paused")) return undefined;
    const stats = containerStats(engine, container, last?.stats);
    if (stats === undefined || stats.measuredAt === 0) return undefined;
    const now = { stats, system: systemCpu() };
    const { id: key, ...sample } = statsJson(now, last);
    last = now;
    return { [idKey]: key, ...sample };
  };
}

interface Measured {
  readonly stats: ContainerStats;
  readonly system: number;
}

function statsJson(now: Measured, before: Measured | undefined): Record<string, unknown> {
  const { stats } = now;
  const block = (op: string, value: number) => ({ major: 0, minor: 0, op, value });
  return {
    name: stats.name,
    id: stats.id,
    networks: Object.fromEntries([...stats.network].map(([name, counters]) => [name, networkJson(counters)])),
    read: new Date(stats.measuredAt / 1e6).toISOString(),
    preread: before === undefined ? "0001-01-01T00:00:00Z" : new Date(before.stats.measuredAt / 1e6).toISOString(),
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
    cpu_stats: { ...cpuJson(now), online_cpus: availableParallelism() },
    precpu_stats:
      before === undefined ? cpuJson({ stats: { ...stats, cpuNanos: 0, cpuSystemNanos: 0, cpuPercent: 0 }, system: 0 }) : cpuJson(before),
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

function cpuJson({ stats, system }: Measured): Record<string, unknown> {
  return {
    cpu_usage: {
      total_usage: stats.cpuNanos,
      ...(stats.perCpu.length === 0 ? {} : { percpu_usage: stats.perCpu }),
      usage_in_kernelmode: stats.cpuSystemNanos,
      usage_in_usermode: Math.max(0, stats.cpuNanos - stats.cpuSystemNanos),
    },
    system_cpu_usage: system,
    online_cpus: 0,
    cpu: stats.cpuPercent,
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  };
}

/** Nanoseconds of processor time of the whole machine. */
function systemCpu(): number {
  const ticks = (/^cpu\s+(.*)$/m.exec(readFileSync("/proc/stat", "latin1"))?.[1] ?? "").split(/\s+/).slice(0, 8);
  return ticks.reduce((sum, value) => sum + Number(value), 0) * 1e7;
}
