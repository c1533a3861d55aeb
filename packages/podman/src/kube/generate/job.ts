import { ToolError } from "@containers/common/errors/tool-error";
import type { KubeObject, KubePod } from "./kube-objects.ts";

/**
 * A Job: the pod runs once to its end.
 * @throws invalid-argument when the pod is to be restarted always
 */
export function jobOf({ metadata, spec }: KubePod): KubeObject {
  if (spec.restartPolicy === "Always") {
    throw new ToolError("invalid-argument", "k8s Jobs can not have restartPolicy set to Always; only Never and OnFailure policies allowed");
  }
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `${metadata.name}-job`, labels: metadata.labels, creationTimestamp: metadata.creationTimestamp },
    // A job's pods need a policy, and this is the one that suits what runs once.
    spec: { completions: 1, parallelism: 1, template: { metadata, spec: { ...spec, restartPolicy: "Never" } } },
  };
}
