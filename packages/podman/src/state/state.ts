import type { Container, ContainerConfig } from "../containers/config.ts";
import type { ContainerState, ContainerStatus } from "../containers/state.ts";
import type { PodRecord } from "../pods/pod-record.ts";

/**
 * The engine's own memory: which containers, pods, volumes and exec sessions there are. Small tables, each a port of its own;
 * every method is one transaction. It never judges transitions: callers hold the container's lock and know.
 */
export interface State {
  readonly containers: ContainerTable;
  readonly execSessions: ExecSessionTable;
  readonly exitCodes: ExitCodeTable;
  readonly pods: PodTable;
  readonly volumes: VolumeTable;
  /** Runs `body` as one transaction: all of it is kept, or nothing. Nested calls join the outer one. */
  transaction<T>(body: () => T): T;
  close(): void;
}

export interface ContainerTable {
  /** Adds the container; already-exists when the id or the name is taken. */
  insert(container: Container): void;
  get(id: string): Container | undefined;
  /** By name or id, else by a unique id prefix; throws invalid-argument when a prefix fits several. */
  resolve(reference: string): Container | undefined;
  /** Everything `ps` needs, in one query, in order of creation. */
  list(filter?: ContainerFilter): ContainerSummary[];
  /** Replaces the state; false when the container is gone. */
  setState(id: string, state: ContainerState): boolean;
  setConfig(id: string, config: ContainerConfig): void;
  /** Forgets the container and its exec sessions; no error when it is gone. */
  remove(id: string): void;
  /** Ids of containers that depend on this one. */
  dependents(id: string): string[];
  /** Ids of containers that use the named volume. */
  usingVolume(name: string): string[];
}

export interface ContainerFilter {
  /** Only containers of these statuses. */
  readonly statuses?: readonly ContainerStatus[];
  readonly imageId?: string;
  readonly podId?: string;
}

/** The columns of the containers table: what listing, filtering and sorting need. */
export interface ContainerSummary {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly imageName: string;
  readonly podId: string;
  readonly isInfra: boolean;
  readonly autoRemove: boolean;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly createdAt: string;
  readonly process: readonly string[];
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Destinations of the user's mounts. */
  readonly mounts: readonly string[];
  /** Names of volumes used. */
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  readonly ports: readonly import("@containers/common/network/port-mapping").PortMapping[];
  readonly exposed: readonly string[];
  readonly cidfile: string;
  readonly status: ContainerStatus;
  readonly pid: number;
  readonly pidStartTime: number;
  readonly conmonPid: number;
  readonly exitCode: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly restartCount: number;
  readonly bootId: string;
  readonly needsCleanup: boolean;
  /** `healthy`, `starting`, `unhealthy`, or empty without a health check. */
  readonly health: string;
}

export interface ExecSession {
  readonly id: string;
  readonly containerId: string;
  readonly status: "created" | "running" | "stopped";
  readonly pid: number;
  readonly exitCode: number;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly user: string;
  readonly privileged: boolean;
  readonly env: readonly string[];
  readonly workdir: string;
  /** What a client of the API asked for when it made the session. */
  readonly detachKeys?: string;
  readonly attach?: { readonly stdout: boolean; readonly stderr: boolean };
}

export interface ExecSessionTable {
  insert(session: ExecSession): void;
  get(id: string): ExecSession | undefined;
  ofContainer(containerId: string): ExecSession[];
  update(session: ExecSession): void;
  remove(id: string): void;
}

/** Exit codes outlive removed containers for a while, for whoever waits on a `--rm` container. */
export interface ExitCodeTable {
  set(id: string, exitCode: number): void;
  get(id: string): number | undefined;
  /** Drops entries older than five minutes whose container is gone. */
  prune(): void;
}

/** A volume, with the keys that inspect shows. */
export interface VolumeRecord {
  readonly name: string;
  readonly driver: string;
  /** Where its files are. */
  readonly mountPoint: string;
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly anonymous: boolean;
  readonly uid: number;
  readonly gid: number;
  /** Who has it mounted now, for volumes that need mounting: ids of containers, and an empty text for each `volume mount`. */
  readonly mounters?: readonly string[];
  /** Where it is mounted when that is elsewhere than {@link mountPoint} (drivers other than local). */
  readonly mountedAt?: string;
  /** Boot of the host in which it was mounted. */
  readonly mountBoot?: string;
  /** Of the driver image: the container of the store that holds its files. */
  readonly storageId?: string;
  /** Seconds that the driver's plugin has; default containers.conf's. */
  readonly timeout?: number;
  /** Files of the image are still to be copied in at first use. */
  readonly needsCopyUp: boolean;
  /** Owner is still to be set at first use. */
  readonly needsChown: boolean;
}

export interface VolumeTable {
  /** already-exists when the name is taken. */
  insert(volume: VolumeRecord): void;
  get(name: string): VolumeRecord | undefined;
  /** By name, else by a unique prefix of it. */
  resolve(reference: string): VolumeRecord | undefined;
  list(): VolumeRecord[];
  update(volume: VolumeRecord): void;
  remove(name: string): void;
}

export interface PodTable {
  /** already-exists when the id or the name is taken. */
  insert(pod: PodRecord): void;
  get(id: string): PodRecord | undefined;
  /** By name or id, else by a unique id prefix; throws invalid-argument when a prefix fits several. */
  resolve(reference: string): PodRecord | undefined;
  /** In order of creation. */
  list(): PodRecord[];
  update(pod: PodRecord): void;
  /** No error when it is gone. Its containers are the caller's business. */
  remove(id: string): void;
}
