import { readFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { applyKube } from "../../../kube/apply.ts";
import { generateKube } from "../../../kube/generate/generate-kube.ts";
import { onSide } from "../../on-side.ts";
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
    const { flags, args, out } = invocation;
    const fromFile = invocation.given("file");
    if (fromFile && invocation.given("service"))
      throw new ToolError("invalid-argument", "cannot set --service and --file at the same time");
    const kubeconfig = flags.kubeconfig ?? process.env["KUBECONFIG"] ?? "";
    if (kubeconfig === "") throw new ToolError("invalid-argument", "kubeconfig not given, unable to connect to cluster");
    const file = flags.file ?? "";
    const given = (): string => (file === "-" ? readFileSync(0, "utf8") : readFile(file));
    const cluster = { kubeconfig, namespace: flags.ns, caCertFile: flags.caCertFile };
    await onSide(invocation, {
      local: async (engine) => {
        const text = fromFile ? given() : generateKube(engine, args, { service: flags.service });
        out.stdout("Deploying to cluster...\n");
        await applyKube(text, cluster);
      },
      remote: async (service) => {
        const remote = await import("../../../remote/kube/kube.ts");
        const options = { type: "pod", service: flags.service, replicas: 1, podmanOnly: false };
        const text = fromFile ? given() : await remote.generateKube(service, args, options);
        out.stdout("Deploying to cluster...\n");
        await remote.applyKube(service, text, cluster);
      },
    });
    out.stdout("Successfully deployed workloads to cluster!\n");
    return undefined;
  },
});
