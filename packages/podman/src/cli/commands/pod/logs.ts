import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { podMembers } from "../../../pods/members.ts";
import { logFlags, printLogs } from "../container/logs.ts";
import { engineFor } from "../container/targets.ts";
import { latestPodFlag, onePod } from "./targets.ts";

/** `podman pod logs`. */
export const podLogsCommand = defineCommand({
  name: "logs",
  summary: "Fetch logs for pod with one or more containers",
  description: "Prints what the pod's containers have written to standard output and standard error.",
  usage: "POD",
  examples: ["podman pod logs podID", "podman pod logs -c ctrname podName", "podman pod logs --follow=true --since 10m podID"],
  flags: { ...latestPodFlag, ...logFlags, container: { type: "string", short: "c", description: "Only this container of the pod" } },
  args: { min: 0, max: 1 },
  run: async (invocation) => {
    const { flags, args } = invocation;
    const engine = engineFor(invocation);
    const pod = onePod(engine, args, { latest: flags.latest, missing: "specify at least one pod name or ID to log" });
    const members = await podMembers(engine, pod);
    const wanted = flags.container ?? "";
    const chosen = wanted === "" ? members : members.filter(({ id, name }) => id === wanted || name === wanted);
    if (wanted !== "" && chosen.length === 0) {
      throw new ToolError("not-found", `container ${wanted} is not in pod ${args[0] ?? pod.name}: no such container`, { exitCode: 125 });
    }
    await printLogs(
      engine,
      chosen.map(({ id }) => id),
      invocation,
    );
    return undefined;
  },
});
