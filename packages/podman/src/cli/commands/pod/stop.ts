import { defineCommand } from "@containers/common/cli/define-command";
import { stopPods } from "../../../pods/stop.ts";
import { onPods } from "./on-pods.ts";
import { choosePodFlags, podIdFileFlag, printPodReports } from "./targets.ts";

/** `podman pod stop`. */
export const podStopCommand = defineCommand({
  name: "stop",
  summary: "Stop one or more pods",
  description: "Stops all containers of the pods, those last on which others depend.",
  usage: "POD [POD...]",
  examples: ["podman pod stop mywebserverpod", "podman pod stop --time 0 490eb 3557fb"],
  flags: {
    ...choosePodFlags,
    ...podIdFileFlag,
    ignore: { type: "bool", short: "i", description: "Do not mind pods that are not there" },
    time: { type: "int", short: "t", aliases: ["timeout"], description: "Seconds until SIGKILL; by default each container's own" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const timeout = flags.time === undefined ? {} : { timeout: flags.time };
    const reports = await onPods(
      invocation,
      { ...flags, args },
      {
        local: (engine, pods) => stopPods(engine, pods, timeout),
        remote: (service, references, deeds) => deeds.stopPods(service, references, timeout),
      },
    );
    return printPodReports(reports, out, ({ name }) => name);
  },
});
