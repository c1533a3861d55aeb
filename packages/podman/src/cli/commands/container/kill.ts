import { defineCommand } from "@containers/common/cli/define-command";
import { requireSignal } from "../../../container-spec/require-signal.ts";
import { killContainers } from "../../../containers/lifecycle/kill.ts";
import { onChosen } from "./on-chosen.ts";
import { chooseFlags, printReports } from "./targets.ts";

/** `podman kill`. */
export const killCommand = defineCommand({
  name: "kill",
  summary: "Send a signal to one or more running containers",
  description: "Sends a signal, SIGKILL by default, to the first process of each container.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman kill mywebserver", "podman kill --signal TERM mywebserver"],
  flags: { ...chooseFlags, signal: { type: "string", short: "s", default: "KILL", description: "Signal, by name or number" } },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const name = flags.signal.replace(/^-/, "");
    const signal = requireSignal(name);
    const reports = await onChosen(
      invocation,
      { ...flags, args, statuses: ["running", "paused"] },
      {
        local: (engine, chosen) => killContainers(engine, chosen, { signal }),
        remote: (service, chosen, deeds) => deeds.killContainers(service, chosen, name),
      },
    );
    return printReports(reports, out);
  },
});
