import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { renderTable } from "@containers/common/report/table";
import { podTable } from "../../../containers/top/process-table.ts";
import type { Engine } from "../../../engine/engine.ts";
import { onSide } from "../../on-side.ts";
import { descriptorList } from "../container/top.ts";
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
    const [reference, ...rest] = args;
    if (reference === undefined && !flags.latest)
      throw new ToolError("invalid-argument", "you must provide the name or id of a running pod");
    return onSide(invocation, {
      local: async (engine) => {
        out.stdout(await topOfPod(engine, flags.latest ? undefined : reference, flags.latest ? args : rest));
        return undefined;
      },
      remote: async (service) => {
        const { processTable } = await import("../../../remote/containers/top.ts");
        const { titles, rows } = await processTable(service, "pods", reference ?? "", rest);
        out.stdout(renderTable(titles, rows));
        return undefined;
      },
    });
  },
});

/** Without a reference, of the pod that was made last. */
async function topOfPod(engine: Engine, reference: string | undefined, words: readonly string[]): Promise<string> {
  const pod = reference === undefined ? latestPod(engine) : engine.state.pods.resolve(reference ?? "");
  if (pod === undefined || pod.isCreating) {
    throw new ToolError("not-found", `unable to look up requested container: no pod with name or ID ${reference} found: no such pod`, {
      exitCode: 125,
    });
  }
  const { titles, rows } = await podTable(engine, pod, words);
  return renderTable(titles, rows);
}
