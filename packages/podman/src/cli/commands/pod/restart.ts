import { defineCommand } from "@containers/common/cli/define-command";
import { restartPods } from "../../../pods/restart.ts";
import { engineFor } from "../container/targets.ts";
import { choosePodFlags, choosePods, printPodReports } from "./targets.ts";

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
    const engine = engineFor(invocation);
    return printPodReports(await restartPods(engine, choosePods(engine, { ...flags, args })), out);
  },
});
