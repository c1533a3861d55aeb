import { defineCommand } from "@containers/common/cli/define-command";
import { startPods } from "../../../pods/start.ts";
import { onPods } from "./on-pods.ts";
import { choosePodFlags, podIdFileFlag, printPodReports } from "./targets.ts";

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
    const reports = await onPods(
      invocation,
      { ...flags, args },
      {
        local: startPods,
        remote: (service, references, deeds) => deeds.startPods(service, references),
      },
    );
    return printPodReports(reports, out, ({ name }) => name);
  },
});
