import { defineCommand } from "@containers/common/cli/define-command";
import { describeError } from "@containers/common/errors/tool-error";
import { terminalPrompt } from "@containers/image/auth/prompt";
import { pruneNetworks } from "../../../networks/prune.ts";
import { onSide } from "../../on-side.ts";

const QUESTION = "WARNING! This will remove all networks not used by at least one container.\nAre you sure you want to continue? [y/N] ";

/** `podman network prune`. */
export const networkPruneCommand = defineCommand({
  name: "prune",
  summary: "Prune unused networks",
  description: "Prune unused networks",
  examples: ["podman network prune"],
  flags: {
    filter: { type: "stringArray", description: "Provide filter values (e.g. 'label=<key>=<value>')" },
    force: { type: "bool", short: "f", description: "do not prompt for confirmation" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, out } = invocation;
    if (
      !flags.force &&
      !terminalPrompt((text) => out.stdout(text))
        .readLine(QUESTION)
        .toLowerCase()
        .startsWith("y")
    )
      return undefined;
    const reports = await onSide<ReadonlyArray<{ readonly reference: string; readonly error?: Error }>, unknown>(invocation, {
      local: (engine) => pruneNetworks(engine, flags.filter),
      remote: async (service) => (await import("../../../remote/networks/deeds.ts")).pruneNetworks(service, flags.filter),
    });
    for (const report of reports) if (report.error === undefined) out.stdout(`${report.reference}\n`);
    const errors = reports.flatMap((report) => report.error ?? []);
    for (const error of errors) out.stderr(`Error: ${describeError(error)}\n`);
    return errors.length === 0 ? undefined : 125;
  },
});
