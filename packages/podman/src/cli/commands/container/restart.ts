import { defineCommand } from "@containers/common/cli/define-command";
import { restartContainers } from "../../../containers/restart.ts";
import { chooseContainers, chooseFlags, engineFor, filterFlag, printReports } from "./targets.ts";

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
    const engine = engineFor(invocation);
    const chosen = await chooseContainers(engine, {
      ...flags,
      args,
      all: flags.all || (flags.running && args.length === 0),
      statuses: flags.running ? ["running"] : undefined,
    });
    return printReports(await restartContainers(engine, chosen, { timeout: flags.time }), out);
  },
});
