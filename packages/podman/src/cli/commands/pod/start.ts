import { defineCommand } from "@containers/common/cli/define-command";
import { startPods } from "../../../pods/start.ts";
import { engineFor } from "../container/targets.ts";
import { choosePodFlags, choosePods, podIdFileFlag, printPodReports } from "./targets.ts";

/** `podman pod start`. */
export const podStartCommand = defineCommand({
  name: "start",
  summary: "Start one or more pods",
  description: "Starts all containers of the pods, those first on which others depend.",
  usage: "POD [POD...]",
  examples: ["podman pod start podID", "podman pod start --all"],
  flags: { ...choosePodFlags, ...podIdFileFlag },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const engine = engineFor(invocation);
    return printPodReports(await startPods(engine, choosePods(engine, { ...flags, args })), out, ({ name }) => name);
  },
});
