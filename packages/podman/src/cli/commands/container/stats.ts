import { setTimeout as delay } from "node:timers/promises";
import { readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { clearScreen } from "@containers/common/cli/output";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import type { Container } from "../../../containers/config.ts";
import { type ContainerStats, containerStats } from "../../../containers/stats/stats.ts";
import { containerStatsJson, statsColumns, statsHeaders, statsJsonRow, statsTemplateRow } from "../../../containers/stats/stats-rows.ts";
import type { Engine } from "../../../engine/engine.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { onSide } from "../../on-side.ts";
import { latestContainer, latestFlag } from "./targets.ts";

const flags = {
  ...latestFlag,
  all: { type: "bool", short: "a", description: "Show all containers, not only those that run" },
  format: { type: "string", description: "Print as JSON or through a Go template" },
  interval: { type: "int", short: "i", default: 5, description: "Seconds between measurements" },
  "no-reset": { type: "bool", description: "Do not clear the screen between measurements" },
  "no-stream": { type: "bool", description: "Measure once" },
  "no-trunc": { type: "bool", description: "Print ids whole" },
} as const;

type Values = FlagValues<typeof flags>;

/** `podman stats`. */
export const statsCommand = defineCommand({
  name: "stats",
  summary: "Display what containers use of the machine",
  description: "Prints what containers use of CPU, memory, network and disks, again and again.",
  usage: "[CONTAINER...]",
  examples: [
    "podman stats --all --no-stream",
    "podman stats ctrID",
    'podman stats --no-stream --format "table {{.ID}} {{.Name}} {{.MemUsage}}" ctrID',
  ],
  flags,
  args: { min: 0 },
  run: (invocation) => stats(invocation),
});

async function stats(invocation: Invocation<Values>): Promise<undefined> {
  const { flags: values, args, out } = invocation;
  if (Number(values.all) + Number(values.latest) + Number(args.length > 0) > 1)
    throw new ToolError("invalid-argument", "--all, --latest and containers cannot be used together");
  if (values.interval < 1) throw new ToolError("invalid-argument", "invalid interval, must be a positive number greater zero");
  const show = async (rounds: AsyncIterable<readonly ContainerStats[]>): Promise<void> => {
    for await (const measured of rounds) {
      if (out.isTerminal && !values.noReset) out.stdout(clearScreen);
      out.stdout(print(measured, invocation));
      if (values.noStream) return;
    }
  };
  await onSide(invocation, {
    local: (engine) => show(measureAgain(engine, invocation)),
    remote: async (service) => {
      const remote = await import("../../../remote/containers/stats.ts");
      const { all, interval, noStream } = values;
      await show(remote.containerStats(service, args, { all, interval, stream: !noStream }));
    },
  });
  return undefined;
}

async function* measureAgain(engine: Engine, invocation: Invocation<Values>): AsyncGenerator<readonly ContainerStats[]> {
  if (engine.rootless && readCgroupLayout().version === 1)
    throw new ToolError("unsupported", "stats is not supported in rootless mode without cgroups v2");
  const previous = new Map<string, ContainerStats>();
  for (;;) {
    const measured = measure(engine, invocation, previous);
    for (const one of measured) previous.set(one.id, one);
    yield measured;
    await delay(invocation.flags.interval * 1000);
  }
}

function measure(
  engine: Engine,
  { flags: values, args }: Invocation<Values>,
  previous: ReadonlyMap<string, ContainerStats>,
): ContainerStats[] {
  const isNamed = args.length > 0 || values.latest;
  const containers = isNamed ? named(engine, values.latest ? [latestContainer(engine)] : args) : listed(engine, values.all);
  return containers.flatMap((container) => {
    try {
      return containerStats(engine, container, previous.get(container.config.id)) ?? [];
    } catch (error) {
      // One that cannot be measured must not hide the others.
      if (!isNamed && error instanceof ToolError && error.code === "no-cgroup") return [];
      throw error;
    }
  });
}

function named(engine: Engine, references: readonly string[]): Container[] {
  return references.map((reference) => {
    try {
      return resolveContainer(engine, reference);
    } catch (error) {
      throw wrapError(`unable to get list of containers: unable to look up container ${reference}`, error);
    }
  });
}

function listed(engine: Engine, all: boolean): Container[] {
  const summaries = engine.state.containers.list(all ? undefined : { statuses: ["running"] });
  return summaries
    .filter(({ status }) => status !== "creating")
    .flatMap(({ id }) => {
      const container = engine.state.containers.get(id);
      return container === undefined ? [] : [container];
    });
}

function print(measured: readonly ContainerStats[], { flags: values, given }: Invocation<Values>): string {
  const format = values.format ?? "";
  if (isJsonFormat(format))
    return `${toJson(
      measured.map((one) => statsJsonRow(one, values.noTrunc)),
      { indent: 1, escapeHtml: true },
    )}\n`;
  const rows = measured.map((one) => statsTemplateRow(one, values.noTrunc));
  if (given("format")) {
    const json = measured.map(containerStatsJson);
    const options = { headers: statsHeaders, name: "stats", typeName: "containers.containerStats", mapFields: new Set(["Network"]), json };
    return formatRows(format, rows, options);
  }
  return renderTable(
    statsColumns.map((name) => statsHeaders[name] ?? name.toUpperCase()),
    rows.map((row) => statsColumns.map((name) => row[name])),
  );
}
