import type { RestartPolicy } from "../container-spec/container-spec.ts";
import type { ResourceSpec } from "../container-spec/resource-spec.ts";

/** Namespaces that the containers of a pod may have in common, as `--share` names them. */
export const POD_NAMESPACES = ["cgroup", "ipc", "net", "pid", "user", "uts"] as const;

export type PodNamespace = (typeof POD_NAMESPACES)[number];

/** What happens to the pod when the last of its containers ends: the infra container runs on, or is stopped too. */
export type ExitPolicy = "continue" | "stop";

/** A pod, as the state holds it: what its containers have in common. The containers themselves name the pod. */
export interface PodRecord {
  readonly id: string;
  readonly name: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As asked; empty for none. */
  readonly hostname: string;
  readonly createCommand: readonly string[];
  readonly exitPolicy: ExitPolicy;
  /** What containers get that ask for none of their own. */
  readonly restart?: RestartPolicy;
  /** Sorted; empty without an infra container. */
  readonly shared: readonly PodNamespace[];
  /** Containers have the pod's cgroup above their own. */
  readonly shareParent: boolean;
  /** Above the pod's cgroup. */
  readonly cgroupParent: string;
  /** The pod's own cgroup; empty where an ordinary user has none to make it in. */
  readonly cgroupPath: string;
  /** Of all its containers together. */
  readonly limits?: ResourceSpec;
  /** The container that stands for all pods of a kube file. */
  readonly serviceContainerId?: string;
  /** The container that holds the namespaces; empty without one. */
  readonly infraId: string;
  /** Its making is not finished: it is shown to nobody, and removed by the next command when its maker was killed. */
  readonly isCreating: boolean;
}
