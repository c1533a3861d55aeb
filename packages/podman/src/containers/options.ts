import type { ContainerSummary } from "../state/state.ts";
import type { PassedDescriptors } from "../systemd/passed-descriptors.ts";

/** Options and reports of the operations on containers, in one place for whoever calls them. */

/** What became of one target of a command that takes several. */
export interface TargetReport {
  /** As the user named it. */
  readonly reference: string;
  /** Full id, when it was found. */
  readonly id?: string;
  readonly name?: string;
  readonly error?: Error;
}

/** How the terminal or pipes of this process are joined to a container. */
export interface AttachStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** `ctrl-p,ctrl-q`; empty switches detaching off. Default containers.conf's. */
  readonly detachKeys?: string;
  /** Hand SIGINT, SIGTERM, … on to the container; default true. */
  readonly sigProxy?: boolean;
}

export interface RunOptions {
  /** Absent: detached. */
  readonly attach?: AttachStreams;
  /** Descriptors of the caller's that the container gets. */
  readonly passed?: PassedDescriptors;
  /** Called once the container exists. */
  readonly onCreated?: (id: string) => void;
}

export interface RunResult {
  readonly id: string;
  /** The container's exit code; undefined when detached (by option or by keys). */
  readonly exitCode?: number;
}

export interface StopOptions {
  /** Seconds until SIGKILL; default the container's own. -1 waits for ever. */
  readonly timeout?: number;
  /** A missing container is no error. */
  readonly ignore?: boolean;
  readonly all?: boolean;
  /** The whole pod is being stopped: its exit policy does not apply. */
  readonly ofPod?: boolean;
  /** The user did not ask for it: what is to start with the machine does. */
  readonly service?: boolean;
  /** It is started again at once: no events tell of the stop. */
  readonly partOfRestart?: boolean;
  /** Noted in the record: the container is stopped only to be started again. Any other stop takes the note back. */
  readonly forRestart?: boolean;
}

export interface KillOptions {
  /** Number. */
  readonly signal: number;
}

export interface RemoveOptions {
  /** Kill it first when it runs, and do not mind a broken state. */
  readonly force?: boolean;
  /** Remove its anonymous volumes too. */
  readonly volumes?: boolean;
  readonly ignore?: boolean;
  /** Remove containers that depend on it first. */
  readonly depend?: boolean;
  /** Seconds until SIGKILL, with force. */
  readonly timeout?: number;
  /** The whole pod is being removed: its infra container may go. */
  readonly ofPod?: boolean;
}

export interface WaitOptions {
  /** Statuses as the user names them; any of them ends the wait. Default `stopped`, `exited`. */
  readonly conditions?: readonly string[];
  /** Milliseconds between looks where no event tells. */
  readonly intervalMs?: number;
  readonly ignore?: boolean;
  /** The first container that fits ends the wait for all. */
  readonly firstMatch?: boolean;
  readonly signal?: AbortSignal;
  /** `startedAt` of a run: that another one has begun ends the wait, too. */
  readonly ofRun?: string;
}

export interface WaitReport extends TargetReport {
  readonly exitCode?: number;
}

export interface ExecOptions {
  readonly command: readonly string[];
  readonly detach?: boolean;
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly env?: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly privileged?: boolean;
  readonly detachKeys?: string;
  /** Nothing is noted of it: no other command sees it, and no event tells of it. */
  readonly unrecorded?: boolean;
  /** Descriptors of the caller's that the process gets. */
  readonly passed?: PassedDescriptors;
  /** Which streams a client of the API will want when it starts the session. */
  readonly attach?: { readonly stdout: boolean; readonly stderr: boolean };
  /** Called with the session's id when detached. */
  readonly onStarted?: (sessionId: string) => void;
}

export interface LogOptions {
  readonly follow?: boolean;
  /** Number of last lines; absent or negative: all. */
  readonly tail?: number;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly until?: number;
  readonly signal?: AbortSignal;
}

export interface LogLine {
  /** RFC 3339 with nanoseconds, as logged. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** Without the newline. */
  readonly text: string;
  /** The process had not ended the line yet. */
  readonly partial: boolean;
  readonly containerId: string;
  readonly containerName: string;
}

export interface ListOptions {
  /** Also those that do not run. */
  readonly all?: boolean;
  /** Filters as `ps --filter` has them: key → values (any of them fits). */
  readonly filters?: Readonly<Record<string, readonly string[]>>;
  readonly last?: number;
  readonly latest?: boolean;
  /** Fill in {@link ContainerListing.size}. */
  readonly size?: boolean;
  /** Fill in namespaces and pids. */
  readonly namespaces?: boolean;
  /** Fill in {@link ContainerListing.podName}. */
  readonly podNames?: boolean;
  /** Only containers of the pod with this id. */
  readonly podId?: string;
  /** Ask the kernel and the monitor instead of trusting the records; default true for running ones. */
  readonly sync?: boolean;
}

export interface ContainerListing extends ContainerSummary {
  /** `created`, `initialized`, `running`, `paused`, `exited`, …: as `ps` prints it. */
  readonly shownStatus: string;
  readonly podName?: string;
  readonly size?: { readonly rootFsSize: number; readonly rwSize: number };
  readonly namespaceIds?: Readonly<Record<"mnt" | "cgroup" | "ipc" | "net" | "pidns" | "uts" | "user", string>>;
}

export interface CommitOptions {
  /** Image name; absent: an image without a name. */
  readonly name?: string;
  readonly author?: string;
  readonly message?: string;
  /** Containerfile instructions: `CMD ["x"]`, `ENV A=b`, … */
  readonly changes?: readonly string[];
  readonly format?: "oci" | "docker";
  /** Stop it from changing meanwhile; default true. */
  readonly pause?: boolean;
  readonly includeVolumes?: boolean;
  readonly squash?: boolean;
  /** The text of an image's configuration that is put over the container's; the changes apply to it. */
  readonly override?: string;
  /** Told of each step. */
  readonly report?: (line: string) => void;
}

export interface CleanupOptions {
  /** Clean up only when it has stopped. */
  readonly stoppedOnly?: boolean;
  readonly remove?: boolean;
  readonly removeImage?: boolean;
  /** An exec session to clean up instead of the container. */
  readonly exec?: string;
  /** It is started again at once: no event tells of the clean-up. */
  readonly partOfRestart?: boolean;
  /** Whoever stopped it decides whether it starts again, not its restart policy. */
  readonly noRestart?: boolean;
}
