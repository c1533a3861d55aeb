import { defineCommand } from "@containers/common/cli/define-command";
import { requireSignal } from "../../../container-spec/require-signal.ts";
import { killPods } from "../../../pods/kill.ts";
import { onPods } from "./on-pods.ts";
import { choosePodFlags, printPodReports } from "./targets.ts";

/** `podman pod kill`. */
export const podKillCommand = defineCommand({
  name: "kill",
  summary: "Send the specified signal or SIGKILL to containers in pod",
  description: "Sends a signal to the main process of every container of the pods that runs.",
  usage: "POD [POD...]",
  examples: ["podman pod kill podID", "podman pod kill --signal TERM mywebserver"],
  flags: { ...choosePodFlags, signal: { type: "string", short: "s", default: "KILL", description: "Signal to send" } },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const signal = requireSignal(flags.signal);
    const reports = await onPods(
      invocation,
      { ...flags, args },
      {
        local: (engine, pods) => killPods(engine, pods, signal),
        remote: (service, references, deeds) => deeds.killPods(service, references, flags.signal),
      },
    );
    return printPodReports(reports, out);
  },
});
