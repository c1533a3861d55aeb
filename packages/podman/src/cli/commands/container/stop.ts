import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { stopContainers } from "../../../containers/lifecycle/stop.ts";
import { onChosen } from "./on-chosen.ts";
import { chooseFlags, filterFlag, printReports } from "./targets.ts";

/** `podman stop`. */
export const stopCommand = defineCommand({
  name: "stop",
  summary: "Stop one or more containers",
  description: "Stops containers: their stop signal first, SIGKILL after a time.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman stop ctrID", "podman stop --time 2 mywebserver 6e534f14da9d"],
  flags: {
    ...chooseFlags,
    ...filterFlag,
    ignore: { type: "bool", short: "i", description: "Do not mind containers that are not there" },
    service: { type: "bool", hidden: true, description: "Stopped by a service, not by the user: starts again with the machine" },
    time: { type: "int", short: "t", aliases: ["timeout"], description: "Seconds until SIGKILL; by default the container's own" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const options = { ignore: flags.ignore, timeout: flags.time, ...(flags.service ? { service: true } : {}) };
    const reports = await onChosen(
      invocation,
      { ...flags, args },
      {
        local: (engine, chosen) => stopContainers(engine, chosen, options),
        remote: (service, chosen, deeds) => {
          if (flags.service) throw new ToolError("unsupported", "--service is not supported on remote connections");
          return deeds.stopContainers(service, chosen, options);
        },
      },
    );
    // One that `--ignore` lets pass was not stopped.
    return printReports(
      reports.filter(({ id, error }) => id !== undefined || error !== undefined),
      out,
    );
  },
});
