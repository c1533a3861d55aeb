import { defineCommand } from "@containers/common/cli/define-command";
import { pausePods, unpausePods } from "../../../pods/pause.ts";
import { engineFor } from "../container/targets.ts";
import { choosePodFlags, choosePods, printPodReports } from "./targets.ts";

/** `podman pod pause`. */
export const podPauseCommand = defineCommand({
  name: "pause",
  summary: "Pause one or more pods",
  description: "Freezes all processes of the pods' running containers.",
  usage: "POD [POD...]",
  examples: ["podman pod pause podID1 podID2", "podman pod pause --all"],
  flags: choosePodFlags,
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const engine = engineFor(invocation);
    return printPodReports(await pausePods(engine, choosePods(engine, { ...flags, args })), out);
  },
});

/** `podman pod unpause`. */
export const podUnpauseCommand = defineCommand({
  name: "unpause",
  summary: "Unpause one or more pods",
  description: "Lets the processes of paused containers go on.",
  usage: "POD [POD...]",
  examples: ["podman pod unpause podID1 podID2", "podman pod unpause --all"],
  flags: choosePodFlags,
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const engine = engineFor(invocation);
    return printPodReports(await unpausePods(engine, choosePods(engine, { ...flags, args })), out);
  },
});
