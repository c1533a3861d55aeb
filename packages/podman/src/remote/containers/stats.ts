import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerStats, TrafficCounters } from "../../containers/stats/stats.ts";
import { jsonLines, type Service } from "../service.ts";
import { list, number, record, records, text, type Wire } from "../wire.ts";

export interface RemoteStatsOptions {
  readonly all: boolean;
  readonly stream: boolean;
  /** Seconds between measurements. */
  readonly interval: number;
}

/** What containers use, measured once or again and again; without names all that run. */
export async function* containerStats(
  service: Service,
  references: readonly string[],
  options: RemoteStatsOptions,
): AsyncGenerator<ContainerStats[]> {
  const response = await service.request("GET", "/containers/stats", { query: { containers: references, ...options } });
  for await (const line of jsonLines(response)) {
    const report = record(line);
    const failure = report["Error"];
    if (failure !== null && failure !== undefined)
      throw new ToolError("internal", typeof failure === "string" ? failure : text(record(failure)["message"]) || "measuring failed");
    yield records(report["Stats"]).map(stats);
  }
}

function stats(wire: Wire): ContainerStats {
  return {
    id: text(wire["ContainerID"]),
    name: text(wire["Name"]),
    cpuNanos: number(wire["CPUNano"]),
    cpuSystemNanos: number(wire["CPUSystemNano"]),
    perCpu: list(wire["PerCPU"]).map(number),
    measuredAt: number(wire["SystemNano"]),
    cpuPercent: number(wire["CPU"]),
    averageCpuPercent: number(wire["AvgCPU"]),
    memory: number(wire["MemUsage"]),
    memoryLimit: number(wire["MemLimit"]),
    memoryPercent: number(wire["MemPerc"]),
    pids: number(wire["PIDs"]),
    blockInput: number(wire["BlockInput"]),
    blockOutput: number(wire["BlockOutput"]),
    network: new Map(
      Object.entries(record(wire["Network"])).map(([name, value]) => {
        const traffic = record(value);
        return [name, { received: counters(traffic, "Rx"), sent: counters(traffic, "Tx") }];
      }),
    ),
  };
}

function counters(wire: Wire, way: "Rx" | "Tx"): TrafficCounters {
  return {
    bytes: number(wire[`${way}Bytes`]),
    packets: number(wire[`${way}Packets`]),
    errors: number(wire[`${way}Errors`]),
    dropped: number(wire[`${way}Dropped`]),
  };
}
