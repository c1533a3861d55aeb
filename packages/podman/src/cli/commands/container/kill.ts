import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { signalNumber } from "@containers/common/sys/signals";
import { killContainers } from "../../../containers/kill.ts";
import { chooseContainers, chooseFlags, engineFor, printReports } from "./targets.ts";

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
    const signal = signalNumber(flags.signal.replace(/^-/, ""));
    if (signal === undefined) throw new ToolError("invalid-argument", `invalid signal: ${flags.signal.replace(/^-/, "")}`);
    const engine = engineFor(invocation);
    const chosen = await chooseContainers(engine, { ...flags, args, statuses: ["running", "paused"] });
    return printReports(await killContainers(engine, chosen, { signal }), out);
  },
});
