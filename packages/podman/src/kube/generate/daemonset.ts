import { ToolError } from "@containers/common/errors/tool-error";
import type { KubeObject, KubePod } from "./kube-objects.ts";

/**
 * A DaemonSet: the pod on every node.
 * @throws invalid-argument when the pod must not always be restarted
 */
export function daemonSetOf({ metadata, spec }: KubePod): KubeObject {
  if (spec.restartPolicy !== undefined && spec.restartPolicy !== "Always")
    throw new ToolError("invalid-argument", "k8s DaemonSets can only have restartPolicy set to Always");
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: `${metadata.name}-daemonset`, labels: metadata.labels, creationTimestamp: metadata.creationTimestamp },
    spec: { selector: { matchLabels: { app: metadata.name } }, template: { metadata, spec }, updateStrategy: {} },
  };
}
