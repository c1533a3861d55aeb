import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { podMembers } from "../../../pods/members.ts";
import { onSide } from "../../on-side.ts";
import { localLogs, logFlags, printLogs } from "../container/logs.ts";
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
    const missing = "specify at least one pod name or ID to log";
    const wanted = flags.container ?? "";
    await onSide(invocation, {
      local: async (engine) => {
        const pod = onePod(engine, args, { latest: flags.latest, missing });
        const chosen = chooseMembers(await podMembers(engine, pod), wanted, args[0] ?? pod.name);
        await printLogs(localLogs(engine), chosen, invocation);
      },
      remote: async (service) => {
        const [reference] = args;
        if (reference === undefined) throw new ToolError("invalid-argument", missing);
        // A client follows one container at a time.
        if (wanted === "") throw new ToolError("invalid-argument", "-c or --container cannot be empty: invalid argument");
        const [{ podMembers: membersOf }, { readLogs }] = await Promise.all([
          import("../../../remote/pods/list.ts"),
          import("../../../remote/containers/logs.ts"),
        ]);
        const chosen = chooseMembers(await membersOf(service, reference), wanted, reference);
        await printLogs((container, options) => readLogs(service, container, options), chosen, invocation);
      },
    });
    return undefined;
  },
});

/** Ids of the pod's containers, or of the one that was wanted. */
function chooseMembers(
  members: ReadonlyArray<{ readonly id: string; readonly name: string }>,
  wanted: string,
  pod: string,
): readonly string[] {
  const chosen = wanted === "" ? members : members.filter(({ id, name }) => id === wanted || name === wanted);
  if (wanted !== "" && chosen.length === 0) {
    throw new ToolError("not-found", `container ${wanted} is not in pod ${pod}: no such container`, { exitCode: 125 });
  }
  return chosen.map(({ id }) => id);
}
