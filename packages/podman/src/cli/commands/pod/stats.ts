import { setTimeout as delay } from "node:timers/promises";
import { readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { clearScreen } from "@containers/common/cli/output";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import type { ContainerStats } from "../../../containers/stats/stats.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { PodRecord } from "../../../pods/pod-record.ts";
import { resolvePod } from "../../../pods/resolve-pod.ts";
import { podStats } from "../../../pods/stats.ts";
import { podStatsRow } from "../../../pods/stats-row.ts";
import { onSide } from "../../on-side.ts";
import { latestPod, latestPodFlag } from "./targets.ts";

const flags = {
  ...latestPodFlag,
  all: { type: "bool", short: "a", description: "Show all pods" },
  format: { type: "string", description: "Print as JSON or through a Go template" },
  "no-reset": { type: "bool", description: "Do not clear the screen between measurements" },
  "no-stream": { type: "bool", description: "Measure once" },
} as const;

type Values = FlagValues<typeof flags>;

/** Milliseconds between measurements. */
const INTERVAL = 1000;

/** `podman pod stats`. */
export const podStatsCommand = defineCommand({
  name: "stats",
  summary: "Display a live stream of resource usage statistics for the containers in one or more pods",
  description: "Prints what the running containers of pods use of CPU, memory, network and disks, again and again.",
  usage: "[POD...]",
  examples: ["podman pod stats", "podman pod stats --no-stream named-pod", "podman pod stats --all"],
  flags,
  args: { min: 0 },
  run: (invocation) => stats(invocation),
});

async function stats(invocation: Invocation<Values>): Promise<undefined> {
  const { flags: values, args, out } = invocation;
  if (Number(values.all) + Number(values.latest) + Number(args.length > 0) > 1)
    throw new ToolError("invalid-argument", "--all, --latest and arguments cannot be used together");
  const show = async (rounds: AsyncIterable<readonly PodStatsRow[]>): Promise<void> => {
    for await (const rows of rounds) {
      if (out.isTerminal && !values.noReset && !isJsonFormat(values.format ?? "")) out.stdout(clearScreen);
      out.stdout(print(rows, invocation));
      if (values.noStream) return;
      await delay(INTERVAL);
    }
  };
  await onSide(invocation, {
    local: (engine) => show(measureAgain(engine, invocation)),
    remote: async (service) => show((await import("../../../remote/pods/stats.ts")).podStats(service, args)),
  });
  return undefined;
}

type PodStatsRow = ReturnType<typeof podStatsRow>;

async function* measureAgain(engine: Engine, invocation: Invocation<Values>): AsyncGenerator<readonly PodStatsRow[]> {
  if (engine.rootless && readCgroupLayout().version === 1)
    throw new ToolError("unsupported", "pod stats is not supported in rootless mode without cgroups v2");
  const previous = new Map<string, ContainerStats>();
  for (;;) {
    const measured = podStats(engine, choose(engine, invocation), previous);
    for (const one of measured) previous.set(one.stats.id, one.stats);
    yield measured.map(podStatsRow);
  }
}

/** Without names: all pods. Those of which nothing runs show nothing. */
function choose(engine: Engine, { flags: values, args }: Invocation<Values>): PodRecord[] {
  if (values.latest) return [latestPod(engine)];
  if (args.length === 0) return engine.state.pods.list();
  try {
    return args.map((reference) => resolvePod(engine, reference));
  } catch (error) {
    throw wrapError("unable to get list of pods", error);
  }
}

const headers: Readonly<Record<string, string>> = {
  Pod: "POD",
  CID: "CID",
  Name: "NAME",
  CPU: "CPU %",
  MemUsage: "MEM USAGE/ LIMIT",
  MemUsageBytes: "MEM USAGE/ LIMIT",
  Mem: "MEM %",
  NetIO: "NET IO",
  BlockIO: "BLOCK IO",
  PIDS: "PIDS",
};

const columns = ["Pod", "CID", "Name", "CPU", "MemUsage", "Mem", "NetIO", "BlockIO", "PIDS"] as const;

function print(rows: readonly PodStatsRow[], { flags: values, given }: Invocation<Values>): string {
  if (isJsonFormat(values.format ?? "")) return `${toJson(rows, { indent: 5, escapeHtml: true })}\n`;
  if (given("format")) return formatRows(values.format ?? "", rows, { headers, name: "stats", typeName: "entities.PodStatsReport" });
  const cells = rows.length === 0 ? [columns.map(() => "--")] : rows.map((row) => columns.map((name) => row[name]));
  return renderTable(
    columns.map((name) => headers[name] ?? name),
    cells,
  );
}
