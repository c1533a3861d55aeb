import { ToolError } from "@containers/common/errors/tool-error";
import { toYaml } from "@containers/common/report/yaml";
import type { ContainerConfig } from "../../containers/config.ts";
import type { Engine } from "../../engine/engine.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import { DEFAULT_SHARE } from "../../pods/pod-spec.ts";
import type { VolumeRecord } from "../../state/state.ts";
import { podmanVersion } from "../../system/version.ts";
import { daemonSetOf } from "./daemonset.ts";
import { deploymentOf } from "./deployment.ts";
import { jobOf } from "./job.ts";
import type { KubeObject, KubePod, KubePort } from "./kube-objects.ts";
import { podOfContainers, podOfPod } from "./pod.ts";
import { claimOf } from "./pvc.ts";
import { serviceOf } from "./service.ts";

export interface GenerateKubeOptions {
  /** `pod`, `deployment`, `daemonset` or `job`; default pod. */
  readonly type?: string;
  /** A Service for the ports as well. */
  readonly service?: boolean;
  /** Of a deployment; default 1. */
  readonly replicas?: number;
  /** Keep the annotations that kubernetes does not take. */
  readonly podmanOnly?: boolean;
  readonly now?: Date;
}

type Ports = Pick<Engine, "sys" | "store" | "images" | "state" | "defaults">;

const SHARING_NOTE = `
# NOTE: The namespace sharing for a pod has been modified by the user and is not the same as the
# default settings for kubernetes. This can lead to unexpected behavior when running the generated
# kube yaml in a kubernetes cluster.
`;

const VOLUMES_NOTE = `
# NOTE: If you generated this yaml from an unprivileged and rootless podman container on an SELinux
# enabled system, check the podman generate kube man page for steps to follow to ensure that your pod/container
# has the right permissions to access the volumes added.
`;

/**
 * The kube file of containers (all in one pod), pods and volumes, by name or id: documents in the order in which a cluster wants them.
 *
 * @throws not-found for an unknown name, invalid-argument for what a kind cannot be made of
 */
export function generateKube(engine: Ports, names: readonly string[], options: GenerateKubeOptions = {}): string {
  const { replicas = 1, type = "pod" } = options;
  if (replicas > 1 && type !== "deployment")
    throw new ToolError("invalid-argument", "--replicas can only be set when --type is set to deployment");
  if (replicas < 1)
    throw new ToolError("invalid-argument", "--replicas has to be greater than or equal to 1. By default, --replicas is set to 1");
  const found = lookUp(engine, names);
  const documents = generateDocuments(engine, found, { ...options, type, replicas });
  const header = `# Save the output of this file and use kubectl create -f to import
# it into Kubernetes.
#
# Created with podman-${podmanVersion}
`;
  return `${header}${documents.join("---\n")}`;
}

interface Found {
  readonly containers: readonly ContainerConfig[];
  readonly pods: readonly PodRecord[];
  readonly volumes: readonly VolumeRecord[];
}

function lookUp({ state }: Ports, names: readonly string[]): Found {
  const containers: ContainerConfig[] = [];
  const pods: PodRecord[] = [];
  const volumes: VolumeRecord[] = [];
  for (const name of names) {
    const config = state.containers.resolve(name)?.config;
    const pod = config === undefined ? state.pods.resolve(name) : undefined;
    const volume = config === undefined && pod === undefined ? state.volumes.resolve(name) : undefined;
    if (config !== undefined && config.podId !== "")
      throw new ToolError(
        "invalid-argument",
        `container ${config.id} is associated with pod ${config.podId}: use generate on the pod itself`,
      );
    if (config !== undefined) containers.push(config);
    else if (pod !== undefined) pods.push(pod);
    else if (volume !== undefined) volumes.push(volume);
    else throw new ToolError("not-found", `name or ID "${name}" not found`, { exitCode: 125 });
  }
  return { containers, pods, volumes };
}

function generateDocuments(
  engine: Ports,
  { containers, pods, volumes }: Found,
  options: GenerateKubeOptions & { readonly type: string; readonly replicas: number },
): string[] {
  const { service = false, podmanOnly = false, now = new Date() } = options;
  const before: string[] = [];
  const workloads: string[] = [];
  const add = (pod: KubePod, ports: readonly KubePort[]): void => {
    workloads.push(toYaml(asKind(pod, options)));
    if (service) before.push(toYaml(serviceOf(pod, ports)));
  };
  if (pods.some(({ shared }) => DEFAULT_SHARE.some((namespace) => !shared.includes(namespace)))) before.push(SHARING_NOTE);
  for (const volume of volumes) before.push(toYaml(claimOf(volume, now)));
  for (const record of pods) {
    const { pod, ports } = podOfPod(engine, record, { service, podmanOnly, now });
    add(pod, ports);
  }
  if (containers.length > 0) {
    const pod = podOfContainers(engine, containers, { service, podmanOnly, now });
    if (pod.spec.volumes !== undefined) before.push(VOLUMES_NOTE);
    add(pod, []);
  }
  return [...before, ...workloads];
}

function asKind(pod: KubePod, { type, replicas }: { readonly type: string; readonly replicas: number }): KubeObject {
  switch (type) {
    case "pod":
      return { apiVersion: "v1", kind: "Pod", ...pod };
    case "deployment":
      return deploymentOf(pod, replicas);
    case "daemonset":
      return daemonSetOf(pod);
    case "job":
      return jobOf(pod);
    default:
      throw new ToolError(
        "invalid-argument",
        `invalid generation type - only pods, deployments, jobs, and daemonsets are currently supported`,
      );
  }
}
