import { defineCommand } from "@containers/common/cli/define-command";
import { restartContainers } from "../../../containers/lifecycle/restart.ts";
import { onChosen } from "./on-chosen.ts";
import { chooseFlags, filterFlag, printReports } from "./targets.ts";

/** `podman restart`. */
export const restartCommand = defineCommand({
  name: "restart",
  summary: "Restart one or more containers",
  description: "Stops containers that run and starts them again.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman restart ctrID", "podman restart ctrID1 ctrID2"],
  flags: {
    ...chooseFlags,
    ...filterFlag,
    running: { type: "bool", description: "Only containers that run" },
    time: { type: "int", short: "t", description: "Seconds until SIGKILL; by default the container's own" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const choice = {
      ...flags,
      args,
      all: flags.all || (flags.running && args.length === 0),
      statuses: flags.running ? ["running"] : undefined,
    };
    const reports = await onChosen(invocation, choice, {
      local: (engine, chosen) => restartContainers(engine, chosen, { timeout: flags.time }),
      remote: (service, chosen, deeds) => deeds.restartContainers(service, chosen, flags.time),
    });
    return printReports(reports, out);
  },
});
