import { existsSync, writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { generateKube } from "../../../kube/generate/generate-kube.ts";
import { onSide } from "../../on-side.ts";

/** `podman kube generate`, and `podman generate kube`. */
export const kubeGenerateCommand = defineCommand({
  name: "generate",
  summary: "Generate Kubernetes YAML from containers, pods or volumes.",
  description: "Prints a Kubernetes file that makes the named containers, pods and volumes, here by podman kube play or in a cluster.",
  usage: "{CONTAINER...|POD...|VOLUME...}",
  examples: [
    "podman kube generate ctrID",
    "podman kube generate podID",
    "podman kube generate --service podID",
    "podman kube generate volumeName",
    "podman kube generate ctrID podID volumeName --service",
  ],
  flags: {
    filename: { type: "string", short: "f", description: "Write to this file, which must not exist yet" },
    "no-trunc": {
      type: "bool",
      hidden: true,
      aliases: ["notruncate"],
      description: "Accepted for compatibility: annotations are never truncated",
    },
    "podman-only": { type: "bool", description: "Keep the annotations that only podman understands; a cluster refuses the file" },
    replicas: { type: "int", short: "r", default: 1, description: "Replicas of a deployment" },
    service: { type: "bool", short: "s", description: "Generate a service for the ports too" },
    type: { type: "string", short: "t", default: "pod", description: "Kind to generate (pod, deployment, daemonset, job)" },
  },
  args: { min: 1 },
  run: async (invocation) => {
    const { flags, given, args, out } = invocation;
    const { type, service, replicas, podmanOnly } = flags;
    const options = { type, service, replicas, podmanOnly };
    const text = await onSide(invocation, {
      local: (engine) => generateKube(engine, args, { ...options, type: given("type") ? type : engine.config.engine.kubeGenerateType }),
      remote: async (far) => (await import("../../../remote/kube/kube.ts")).generateKube(far, args, options),
    });
    if (!given("filename")) out.stdout(`${text}\n`);
    else writeNew(flags.filename ?? "", text);
    return undefined;
  },
});

function writeNew(path: string, text: string): void {
  if (existsSync(path)) throw new ToolError("already-exists", `cannot write to ${JSON.stringify(path)}; file exists`);
  try {
    writeFileSync(path, text, { mode: 0o644, flag: "wx" });
  } catch (error) {
    throw new ToolError("invalid-argument", `cannot write to ${JSON.stringify(path)}: ${(error as Error).message}`, { cause: error });
  }
}
