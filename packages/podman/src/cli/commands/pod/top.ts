import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { containerProcesses } from "../../../containers/top.ts";
import { chooseColumns } from "../../../containers/top-columns.ts";
import { podMembers } from "../../../pods/members.ts";
import { engineFor } from "../container/targets.ts";
import { descriptorList, renderProcesses } from "../container/top.ts";
import { latestPod, latestPodFlag } from "./targets.ts";

/** `podman pod top`. */
export const podTopCommand = defineCommand({
  name: "top",
  summary: "Display the running processes of containers in a pod",
  description: "Lists the processes of all running containers of a pod.",
  usage: "POD [FORMAT-DESCRIPTORS...]",
  examples: ["podman pod top podID", "podman pod top podID pid args"],
  flags: { ...latestPodFlag, "list-descriptors": { type: "bool", hidden: true, description: "List the format descriptors" } },
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.listDescriptors) {
      out.stdout(descriptorList());
      return undefined;
    }
    const engine = engineFor(invocation);
    const [reference, ...rest] = args;
    if (reference === undefined && !flags.latest)
      throw new ToolError("invalid-argument", "you must provide the name or id of a running pod");
    const pod = flags.latest ? latestPod(engine) : engine.state.pods.resolve(reference ?? "");
    if (pod === undefined || pod.isCreating) {
      throw new ToolError("not-found", `unable to look up requested container: no pod with name or ID ${reference} found: no such pod`, {
        exitCode: 125,
      });
    }
    const chosen = chooseColumns(flags.latest ? args : rest);
    const running = (await podMembers(engine, pod)).filter(({ status }) => status === "running" || status === "paused");
    if (running.length === 0) throw new ToolError("invalid-state", "pod top can only be used on pods with at least one running container");
    const rows = await Promise.all(running.map(({ id }) => containerProcesses(engine, id)));
    out.stdout(renderProcesses(rows.flat(), chosen));
    return undefined;
  },
});
