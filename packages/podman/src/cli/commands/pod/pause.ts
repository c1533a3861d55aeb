import { defineCommand } from "@containers/common/cli/define-command";
import { pausePods, unpausePods } from "../../../pods/pause.ts";
import { onPods } from "./on-pods.ts";
import { choosePodFlags, printPodReports } from "./targets.ts";

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
    const reports = await onPods(
      invocation,
      { ...flags, args },
      {
        local: pausePods,
        remote: (service, references, deeds) => deeds.pausePods(service, references),
      },
    );
    return printPodReports(reports, out);
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
    const reports = await onPods(
      invocation,
      { ...flags, args },
      {
        local: unpausePods,
        remote: (service, references, deeds) => deeds.unpausePods(service, references),
      },
    );
    return printPodReports(reports, out);
  },
});
