import { defineCommand } from "@containers/common/cli/define-command";
import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import { waitContainers } from "../../../containers/lifecycle/wait.ts";
import { onChosen } from "./on-chosen.ts";
import { latestFlag, latestMissing, printReports } from "./targets.ts";

/** `podman wait`. */
export const waitCommand = defineCommand({
  name: "wait",
  summary: "Block until one or more containers stop",
  description: "Waits until containers stop (or stand as --condition says) and prints their exit codes.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman wait ctrID", "podman wait --condition running ctrID"],
  flags: {
    ...latestFlag,
    condition: { type: "stringSlice", description: "State to wait for (stopped, exited, running, paused, …)" },
    "exit-first-match": { type: "bool", description: "End with the first container that fits" },
    ignore: { type: "bool", description: "Do not mind containers that are not there" },
    interval: { type: "string", short: "i", default: "250ms", description: "Time between looks, where no event tells" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out, commandPath } = invocation;
    if (args.length === 0 && !flags.latest) throw new ToolError("invalid-argument", latestMissing(commandPath));
    const options = {
      conditions: flags.condition.length === 0 ? undefined : flags.condition,
      intervalMs: interval(flags.interval),
      ignore: flags.ignore,
      firstMatch: flags.exitFirstMatch,
    };
    const reports = await onChosen(
      invocation,
      { args, latest: flags.latest },
      {
        local: (engine, chosen) => waitContainers(engine, chosen, options),
        remote: (service, chosen, deeds) => deeds.waitContainers(service, chosen, options),
      },
    );
    return printReports(reports, out, (report) => String(("exitCode" in report ? report.exitCode : undefined) ?? -1));
  },
});

/** Milliseconds; a plain number means that already. */
function interval(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  try {
    return parseDuration(text);
  } catch (error) {
    throw new ToolError("invalid-argument", (error as Error).message);
  }
}
