/** Kubernetes objects as far as `kube generate` writes them. Absent fields are left out of the file. */

interface KubeMetadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly creationTimestamp: string;
}

export interface KubePort {
  readonly containerPort: number;
  readonly hostPort?: number | undefined;
  readonly hostIP?: string | undefined;
  /** Absent: TCP. */
  readonly protocol?: "UDP" | "SCTP" | undefined;
}

export interface KubeContainer {
  readonly name: string;
  readonly image?: string | undefined;
  readonly ports?: readonly KubePort[] | undefined;
  readonly [field: string]: unknown;
}

export interface KubeVolume {
  readonly name: string;
  readonly [source: string]: unknown;
}

export interface KubeDns {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: ReadonlyArray<{ readonly name: string; readonly value: string }>;
}

export interface KubePodSpec {
  readonly containers: readonly KubeContainer[];
  readonly volumes?: readonly KubeVolume[] | undefined;
  readonly restartPolicy?: "Always" | "OnFailure" | "Never" | undefined;
  readonly [field: string]: unknown;
}

export interface KubePod {
  readonly metadata: KubeMetadata;
  readonly spec: KubePodSpec;
}

export type KubeObject = Readonly<Record<string, unknown>>;

/** The list, or undefined when it is empty: empty fields are not written. */
export function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** The record, or undefined when it is empty. */
export function filledRecord<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}

/** Kubernetes names have no underscores. */
export function kubeName(name: string): string {
  return name.replaceAll("_", "");
}

/** Now, to the second, as kubernetes prints times. */
export function kubeTimestamp(now: Date): string {
  return now.toISOString().replace(/\.\d+Z$/, "Z");
}
