import { statsTemplateRow } from "../containers/stats/stats-rows.ts";
import type { PodContainerStats } from "./stats.ts";

/** One container of a pod as `pod stats` prints it, in the order of the original's JSON. */
export function podStatsRow({ pod, stats: measured }: PodContainerStats) {
  const row = statsTemplateRow(measured, false);
  const moved = [...measured.network.values()].some(({ received, sent }) => received.bytes > 0 || sent.bytes > 0);
  return {
    CPU: row.CPUPerc,
    MemUsage: row.MemUsage,
    MemUsageBytes: row.MemUsageBytes,
    Mem: row.MemPerc,
    NetIO: moved ? row.NetIO : "-- / --",
    BlockIO: measured.blockInput > 0 || measured.blockOutput > 0 ? row.BlockIO : "-- / --",
    PIDS: row.PIDS,
    Pod: pod.id.slice(0, 12),
    CID: row.ID,
    Name: measured.name,
  };
}
