import { ToolError } from "@containers/common/errors/tool-error";
import type { KubeObject, KubePod } from "./kube-objects.ts";

/**
 * A Deployment that keeps `replicas` of the pod; one is what kubernetes does anyway.
 * @throws invalid-argument when the pod must not always be restarted
 */
export function deploymentOf({ metadata, spec }: KubePod, replicas: number): KubeObject {
  if (spec.restartPolicy !== undefined && spec.restartPolicy !== "Always")
    throw new ToolError("invalid-argument", "k8s Deployments can only have restartPolicy set to Always");
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `${metadata.name}-deployment`, labels: metadata.labels, creationTimestamp: metadata.creationTimestamp },
    spec: {
      replicas: replicas > 1 ? replicas : undefined,
      selector: { matchLabels: { app: metadata.name } },
      template: { metadata, spec },
    },
  };
}
