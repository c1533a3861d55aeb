import { defineCommand } from "@containers/common/cli/define-command";
import { pauseContainers, unpauseContainers } from "../../../containers/pause.ts";
import { chooseContainers, chooseFlags, engineFor, filterFlag, printReports } from "./targets.ts";

/** `podman pause`. */
export const pauseCommand = defineCommand({
  name: "pause",
  summary: "Pause all the processes in one or more containers",
  description: "Freezes the processes of running containers.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman pause mywebserver", "podman pause --all"],
  flags: { ...chooseFlags, ...filterFlag },
  args: { min: 0 },
  run: async (invocation) => {
    const engine = engineFor(invocation);
    const chosen = await chooseContainers(engine, { ...invocation.flags, args: invocation.args, statuses: ["running"] });
    return printReports(await pauseContainers(engine, chosen), invocation.out);
  },
});

/** `podman unpause`. */
export const unpauseCommand = defineCommand({
  name: "unpause",
  summary: "Unpause the processes in one or more containers",
  description: "Lets the processes of paused containers go on.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman unpause ctrID", "podman unpause --all"],
  flags: { ...chooseFlags, ...filterFlag },
  args: { min: 0 },
  run: async (invocation) => {
    const engine = engineFor(invocation);
    const chosen = await chooseContainers(engine, { ...invocation.flags, args: invocation.args, statuses: ["paused"] });
    return printReports(await unpauseContainers(engine, chosen), invocation.out);
  },
});
