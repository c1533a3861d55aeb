import type { DeviceSpec } from "@containers/common/mount-syntax/parse-device";
import type { ContainerSpec, RestartPolicy } from "../container-spec/container-spec.ts";
import type { NamespaceMode, UserNamespaceMode } from "../container-spec/namespace-spec.ts";
import type { NetworkSpec } from "../container-spec/network-spec.ts";
import type { ResourceSpec } from "../container-spec/resource-spec.ts";
import type { SecuritySpec } from "../container-spec/security-spec.ts";
import type { VolumeSpec } from "../container-spec/volume-spec.ts";
import type { ExitPolicy, PodNamespace } from "./pod-record.ts";

/** What a user asks of a new pod, as plain data. An absent value means the default. */
export interface PodSpec {
  readonly name?: string;
  /** Remove a pod that has the name already. */
  readonly replace?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostname?: string;
  readonly createCommand?: readonly string[];
  readonly exitPolicy?: ExitPolicy;
  readonly restart?: RestartPolicy;
  /** Default true. */
  readonly shareParent?: boolean;
  readonly cgroupParent?: string;
  /** Of all its containers together: memory and processors. */
  readonly limits?: ResourceSpec;
  /** The container that stands for the pod and others of the same kube file. */
  readonly serviceContainerId?: string;
  /** The container that holds the namespaces; absent: the pod has none, and its containers share nothing but the cgroup. */
  readonly infra?: InfraSpec;
}

export interface InfraSpec {
  readonly name?: string;
  /** Absent: no image, but the pause program in an empty root. */
  readonly image?: string;
  /** argv instead of the image's, or of the pause program. */
  readonly command?: readonly string[];
  readonly conmonPidfile?: string;
  /** What containers of the pod have in common. */
  readonly share: readonly PodNamespace[];
  readonly network: NetworkSpec;
  readonly pid?: NamespaceMode;
  readonly uts?: NamespaceMode;
  /** Default: one of its own that others may share. */
  readonly ipc?: NamespaceMode;
  readonly user?: UserNamespaceMode;
  /** Containers of the pod get these too. */
  readonly volumes?: readonly VolumeSpec[];
  readonly volumesFrom?: readonly string[];
  readonly devices?: readonly DeviceSpec[];
  readonly shmSize?: number;
  readonly sysctls?: ResourceSpec["sysctls"];
  /** Devices of vendors, as `vendor/class=name`. */
  readonly cdiDevices?: readonly string[];
  /** Bytes of each tmpfs that systemd inside gets. */
  readonly shmSizeSystemd?: number;
  /** Containers of the pod have the same rights, unless they ask for others. */
  readonly security?: SecuritySpec;
  /** What else is asked of it. */
  readonly container?: Partial<Pick<ContainerSpec, "annotations" | "labels" | "readOnly" | "readOnlyTmpfs" | "restart" | "sdnotify">>;
}

/** What containers of a pod share when nothing else is said. */
export const DEFAULT_SHARE: readonly PodNamespace[] = ["ipc", "net", "uts"];
