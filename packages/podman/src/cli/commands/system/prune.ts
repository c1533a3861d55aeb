import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { humanSize } from "@containers/common/report/units";
import { pruneSystem, type SystemPruneReport } from "../../../system/prune.ts";
import { onSide } from "../../on-side.ts";
import { confirm } from "../container/prune.ts";

const flags = {
  all: { type: "bool", short: "a", description: "Remove every image without a container, not only the unnamed ones" },
  build: { type: "bool", description: "Remove the containers of builds" },
  external: { type: "bool", description: "Remove files in the store that no record names, left by a power failure" },
  filter: { type: "stringArray", description: "Only what fits (label=, until=)" },
  force: { type: "bool", short: "f", description: "Do not ask" },
  volumes: { type: "bool", description: "Remove unused volumes too" },
} as const;

type Values = FlagValues<typeof flags>;

/** `podman system prune`. */
export const systemPruneCommand = defineCommand({
  name: "prune",
  summary: "Remove unused data",
  description: "Removes stopped pods and containers, unused networks and images, and with --volumes unused volumes.",
  examples: ["podman system prune", "podman system prune --all --volumes --force"],
  flags,
  args: { max: 0 },
  run: (invocation) => prune(invocation),
});

async function prune(invocation: Invocation<Values>): Promise<number | undefined> {
  const { flags: values, out } = invocation;
  if (values.external && (values.all || values.volumes || values.build || values.filter.length > 0))
    throw new ToolError("invalid-argument", "system prune --external cannot be combined with other options");
  for (const filter of values.filter) {
    const key = /^([^=!]+)!?=/.exec(filter)?.[1] ?? filter;
    if (key !== "label" && key !== "until") throw new ToolError("invalid-argument", `${key} is an invalid filter`);
  }
  // Nothing that anyone could name goes with --external, and a unit of systemd's calls it.
  if (!values.force && !values.external && !confirm(out, warning(values))) return undefined;
  const { all, build, volumes, external, filter: filters } = values;
  const options = { all, build, volumes, external, filters };
  const report = await onSide(invocation, {
    local: (engine) => pruneSystem(engine, options),
    remote: async (service) => (await import("../../../remote/system/prune.ts")).pruneSystem(service, options),
  });
  if (!external) out.stdout(reportText(report));
  for (const error of report.errors) out.stderr(`Error: ${describeError(error)}\n`);
  return report.errors.length === 0 ? undefined : 125;
}

function warning(values: Values): string {
  const lines = [
    "all stopped containers",
    "all networks not used by at least one container",
    ...(values.volumes ? ["all volumes not used by at least one container"] : []),
    ...(values.build ? ["all build containers"] : []),
    ...(values.all
      ? ["all images without at least one container associated with them", "all build cache"]
      : ["all dangling images", "all dangling build cache"]),
  ];
  return `WARNING! This command removes:\n${lines.map((line) => `\t- ${line}\n`).join("")}`;
}

function reportText(report: SystemPruneReport): string {
  const sections: ReadonlyArray<readonly [string, readonly string[]]> = [
    ["Deleted Pods", report.pods],
    ["Deleted Containers", report.containers],
    ["Deleted Volumes", report.volumes],
    ["Deleted Images", report.images],
    ["Deleted Networks", report.networks],
  ];
  const shown = sections.filter(([, gone]) => gone.length > 0).map(([heading, gone]) => `${heading}\n${gone.join("\n")}\n`);
  return `${shown.join("")}Total reclaimed space: ${humanSize(report.reclaimed)}\n`;
}
