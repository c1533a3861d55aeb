import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { inspectPod } from "../../../pods/inspect.ts";
import { onSide } from "../../on-side.ts";
import { inspectedNames } from "../container/targets.ts";
import { podFields } from "../inspect-fields.ts";
import { inspectAll, inspectFormatFlag } from "../inspect-output.ts";
import { latestPod, latestPodFlag } from "./targets.ts";

/** `podman pod inspect`. */
export const podInspectCommand = defineCommand({
  name: "inspect",
  summary: "Display the configuration of a pod",
  description: "Prints everything that is known of pods, as JSON or through a template.",
  usage: "POD [POD...]",
  examples: ["podman pod inspect podID", "podman pod inspect -l --format '{{.State}}'"],
  flags: { ...latestPodFlag, ...inspectFormatFlag },
  args: { min: 0 },
  run: (invocation) => {
    const { flags, args, out } = invocation;
    inspectedNames(args, flags.latest);
    const { format } = flags;
    return onSide(invocation, {
      local: (engine) =>
        inspectAll(flags.latest ? [latestPod(engine).id] : args, {
          format,
          out,
          fields: podFields,
          find: async (reference) => {
            const pod = engine.state.pods.resolve(reference);
            if (pod === undefined || pod.isCreating) throw new ToolError("not-found", `no such pod ${reference}`, { exitCode: 125 });
            return inspectPod(engine, pod);
          },
        }),
      remote: async (service) => {
        const deeds = await import("../../../remote/pods/deeds.ts");
        return inspectAll(args, { format, out, fields: podFields, find: (reference) => deeds.inspectPod(service, reference) });
      },
    });
  },
});
