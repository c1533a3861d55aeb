import { defineCommand } from "@containers/common/cli/define-command";
import { downKube } from "../../../kube/down.ts";
import { onSide } from "../../on-side.ts";
import { printDown } from "./print-down.ts";
import { readKubeInput } from "./read-input.ts";

/** `podman kube down`. */
export const kubeDownCommand = defineCommand({
  name: "down",
  summary: "Remove pods based on Kubernetes YAML",
  description: "Stops and removes the pods that podman kube play made of the file, and its secrets; with --force its volumes too.",
  usage: "[KUBEFILE [KUBEFILE...]]|-",
  examples: ["podman kube down nginx.yml", "cat nginx.yml | podman kube down -", "podman kube down https://example.com/nginx.yml"],
  flags: { force: { type: "bool", description: "Remove volumes too, with what is in them" } },
  args: { min: 1 },
  run: async (invocation) => {
    const text = await readKubeInput(invocation.args);
    const { force } = invocation.flags;
    const report = await onSide(invocation, {
      local: (engine) => downKube(engine, text, { force }),
      remote: async (service) => (await import("../../../remote/kube/kube.ts")).downKube(service, text, force),
    });
    return printDown(report, invocation.out);
  },
});
