import { writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { toJson } from "@containers/common/report/json";
import { containerSpecJson } from "../../../containers/creation/generate-spec.ts";
import type { Engine } from "../../../engine/engine.ts";
import { podSpecJson } from "../../../pods/generate-spec.ts";
import { engineFor } from "../container/targets.ts";

/** `podman generate spec`. */
export const generateSpecCommand = defineCommand({
  name: "spec",
  summary: "Generate Specgen JSON based on containers or pods",
  description: "Prints the request by which the API service would be asked to make a container or pod like the named one.",
  usage: "{CONTAINER|POD}",
  examples: ["podman generate spec ctrID"],
  flags: {
    compact: { type: "bool", short: "c", description: "Print on one line" },
    filename: { type: "string", short: "f", description: "Write to this file" },
    name: { type: "bool", short: "n", default: true, description: "Give a name of its own to what would be made" },
  },
  args: { min: 1, max: 1 },
  run: (invocation) => {
    const { flags, args, out } = invocation;
    const spec = specJson(engineFor(invocation), args[0] ?? "", flags.name);
    const text = flags.compact ? JSON.stringify(spec) : toJson(spec, { indent: 1 });
    const file = flags.filename ?? "";
    if (file === "") out.stdout(`${text}\n`);
    else {
      writeFileSync(file, text, { mode: 0o644 });
      out.stdout(`${file}\n`);
    }
    return undefined;
  },
});

function specJson(engine: Engine, reference: string, rename: boolean): Record<string, unknown> {
  const container = engine.state.containers.resolve(reference);
  if (container !== undefined) return containerSpecJson(engine, container.config, rename);
  const pod = engine.state.pods.resolve(reference);
  if (pod !== undefined) return podSpecJson(engine, pod, rename);
  throw new ToolError("not-found", `could not find a pod or container with the id ${reference}`, { exitCode: 125 });
}
