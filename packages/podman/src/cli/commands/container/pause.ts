import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { hasFreezer, pauseContainers, unpauseContainers } from "../../../containers/lifecycle/pause.ts";
import { onChosen } from "./on-chosen.ts";
import { chooseFlags, filterFlag, printReports } from "./targets.ts";

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
    const choice = { ...invocation.flags, args: invocation.args, statuses: ["running"] };
    const reports = await onChosen(invocation, choice, {
      local: pauseContainers,
      remote: (service, chosen, deeds) => deeds.pauseContainers(service, chosen),
    });
    return printReports(reports, invocation.out);
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
    const choice = { ...invocation.flags, args: invocation.args, statuses: ["paused"] };
    const reports = await onChosen(invocation, choice, {
      local: (engine, chosen) => {
        if (!hasFreezer(engine)) throw new ToolError("unsupported", "unpause is not supported for cgroupv1 rootless containers");
        return unpauseContainers(engine, chosen);
      },
      remote: (service, chosen, deeds) => deeds.unpauseContainers(service, chosen),
    });
    return printReports(reports, invocation.out);
  },
});
