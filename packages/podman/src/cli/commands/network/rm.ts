import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { removeNetworks } from "../../../networks/remove.ts";
import { onSide } from "../../on-side.ts";

/** `podman network rm`: prints the names; exit code 1 when one is missing, 2 when one is in use. */
export const networkRmCommand = defineCommand({
  name: "rm",
  aliases: ["remove"],
  summary: "Remove networks",
  description: "Remove networks",
  usage: "NETWORK [NETWORK...]",
  examples: ["podman network rm podman"],
  flags: {
    force: { type: "bool", short: "f", description: "remove any containers using network" },
    time: {
      type: "int",
      short: "t",
      default: 10,
      description: "Seconds to wait for running containers to stop before killing the container",
    },
  },
  args: { min: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const options = { force: flags.force, timeout: flags.time };
    const reports = await onSide<ReadonlyArray<{ readonly reference: string; readonly id?: string; readonly error?: Error }>, unknown>(
      invocation,
      {
        local: (engine) => removeNetworks(engine, args, options),
        remote: async (service) => (await import("../../../remote/networks/deeds.ts")).removeNetworks(service, args, options),
      },
    );
    const errors = reports.flatMap((report) => report.error ?? []);
    // One that `--force` lets pass was not there to be removed.
    for (const report of reports) if (report.error === undefined && report.id !== "") out.stdout(`${report.reference}\n`);
    for (const error of errors) out.stderr(`Error: ${describeError(error)}\n`);
    if (errors.length === 0) return undefined;
    if (errors.some((error) => isErrorOfKind(error, "in-use"))) return 2;
    return errors.some((error) => isErrorOfKind(error, "not-found")) ? 1 : 125;
  },
});
