import { readFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { applyKube } from "../../../kube/apply.ts";
import { generateKube } from "../../../kube/generate/generate-kube.ts";
import { engineFor } from "../container/targets.ts";
import { readFile } from "./read-input.ts";

/** `podman kube apply`. */
export const kubeApplyCommand = defineCommand({
  name: "apply",
  summary: "Deploy a podman container, pod, volume, or Kubernetes yaml to a Kubernetes cluster",
  description: "Makes pods, services and volume claims in a cluster: those of a file, or those generated from what is named.",
  usage: "[CONTAINER...|POD...|VOLUME...]",
  examples: ["podman kube apply ctrName volName", "podman kube apply --ns project -f fileName"],
  flags: {
    "ca-cert-file": { type: "string", description: 'Authorities of the cluster; "insecure" takes any certificate' },
    file: { type: "string", short: "f", description: "File to deploy; - for standard input" },
    kubeconfig: { type: "string", short: "k", description: "Configuration file of the cluster; by default what KUBECONFIG says" },
    ns: { type: "string", description: "Namespace of the cluster" },
    service: { type: "bool", short: "s", description: "Make a service for the ports too" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, given, args, out } = invocation;
    if (given("file") && given("service")) throw new ToolError("invalid-argument", "cannot set --service and --file at the same time");
    const kubeconfig = flags.kubeconfig ?? process.env["KUBECONFIG"] ?? "";
    if (kubeconfig === "") throw new ToolError("invalid-argument", "kubeconfig not given, unable to connect to cluster");
    const file = flags.file ?? "";
    const text = given("file")
      ? file === "-"
        ? readFileSync(0, "utf8")
        : readFile(file)
      : generateKube(engineFor(invocation), args, { service: flags.service });
    out.stdout("Deploying to cluster...\n");
    await applyKube(text, { kubeconfig, namespace: flags.ns, caCertFile: flags.caCertFile });
    out.stdout("Successfully deployed workloads to cluster!\n");
    return undefined;
  },
});
