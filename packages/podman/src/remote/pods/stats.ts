import type { podStatsRow } from "../../pods/stats-row.ts";
import { getJson, type Service } from "../service.ts";
import { records, text } from "../wire.ts";

type PodStatsRow = ReturnType<typeof podStatsRow>;

/** What the running containers of pods use, asked for again whenever the consumer wants more; without names, of all pods that run. */
export async function* podStats(service: Service, references: readonly string[]): AsyncGenerator<readonly PodStatsRow[]> {
  const query = references.length === 0 ? { all: true } : { namesOrIDs: references };
  for (;;) {
    yield records(await getJson(service, "/pods/stats", query)).map((row) => ({
      CPU: text(row["CPU"]),
      MemUsage: text(row["MemUsage"]),
      MemUsageBytes: text(row["MemUsageBytes"]),
      Mem: text(row["Mem"]),
      NetIO: text(row["NetIO"]),
      BlockIO: text(row["BlockIO"]),
      PIDS: text(row["PIDS"]),
      Pod: text(row["Pod"]),
      CID: text(row["CID"]),
      Name: text(row["Name"]),
    }));
  }
}
