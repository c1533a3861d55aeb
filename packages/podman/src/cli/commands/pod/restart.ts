import { defineCommand } from "@containers/common/cli/define-command";
import { restartPods } from "../../../pods/restart.ts";
import { onPods } from "./on-pods.ts";
import { choosePodFlags, printPodReports } from "./targets.ts";

/** `podman pod restart`. */
export const podRestartCommand = defineCommand({
  name: "restart",
  summary: "Restart one or more pods",
  description: "Stops and starts all containers of the pods.",
  usage: "POD [POD...]",
  examples: ["podman pod restart podID1 podID2", "podman pod restart --all"],
  flags: choosePodFlags,
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const reports = await onPods(
      invocation,
      { ...flags, args },
      {
        local: restartPods,
        remote: (service, references, deeds) => deeds.restartPods(service, references),
      },
    );
    return printPodReports(reports, out);
  },
});
