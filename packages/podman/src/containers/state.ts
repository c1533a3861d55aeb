import type { NetworkStatus, PerNetworkOptions } from "@containers/common/network/backend";
import type { UserModeNetwork } from "@containers/common/network/user-mode";

/** Where a container stands; `ps` shows `configured` as `created` and `created` as `initialized`, and never one that is `creating`: its making is not finished. */
export type ContainerStatus = "creating" | "configured" | "created" | "running" | "paused" | "stopping" | "stopped" | "exited" | "removing";

/** What changes in a container's life: a row beside its {@link import("./config.ts").ContainerConfig}. */
export interface ContainerState {
  readonly status: ContainerStatus;
  /** Host pid of the container's first process, 0 when there is none. */
  readonly pid: number;
  readonly conmonPid: number;
  /** Field 22 of /proc/PID/stat when `pid` was noted, so that a reused pid is told apart; 0 when unknown. */
  readonly pidStartTime: number;
  readonly exitCode: number;
  /** RFC 3339 with nanoseconds, UTC; empty for never. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  /** Stopped by the user: `unless-stopped` and the restart policy leave it alone. */
  readonly stoppedByUser: boolean;
  /** Stopped by `stop --service`, by a machine that goes down: it starts again with the machine, not before. */
  readonly stoppedByService?: boolean;
  /** Mount point of the root file system while the engine holds it mounted. */
  readonly mountPoint?: string;
  /** The network namespace that the engine made. */
  readonly netnsPath?: string;
  /** What pasta or slirp4netns gave it. */
  readonly userMode?: UserModeNetwork;
  readonly networkStatus?: Readonly<Record<string, NetworkStatus>>;
  /** A network that is being joined or left: whoever finds this after a kill takes it down; see networks/unfinished.ts. */
  readonly networkChange?: { readonly name: string; readonly attachment: PerNetworkOptions };
  /** Something (a mount, a namespace, the runtime's container) was or may have been made for a run and is not undone yet. */
  readonly needsCleanup: boolean;
  /** Name of the run's exit lease; see exit-lease.ts. */
  readonly exitLease?: string;
  /** Of a container that was stopped by a checkpoint; RFC 3339 with nanoseconds. */
  readonly checkpointedAt?: string;
  /** Of a container whose run came out of a checkpoint. */
  readonly restoredAt?: string;
  /** Where the kept files of a checkpoint or restore are. */
  readonly checkpointPath?: string;
  readonly checkpointLog?: string;
  readonly restoreLog?: string;
  /** Why the last start failed. */
  readonly error?: string;
  /** Unix boot id of the run; a different one means that the host was restarted. */
  readonly bootId: string;
  /** Absent without a health check. */
  readonly health?: HealthState;
}

/** What a run's health checks have come to; their results are in the health log. */
export interface HealthState {
  /** `starting`, `healthy`, `unhealthy`, `stopped`, `reset`. */
  readonly status: string;
  /** Who runs the checks: a timer unit of systemd's by name without its ending, or the monitor. */
  readonly timer?: { readonly kind: "systemd"; readonly unit: string } | { readonly kind: "monitor" };
  readonly startupPassed?: boolean;
  /** In a row. */
  readonly startupSuccesses?: number;
  readonly startupFailures?: number;
  /** The container was stopped because it is unhealthy, and shall start again. */
  readonly restartWanted?: boolean;
}

export const INITIAL_STATE: ContainerState = {
  status: "configured",
  pid: 0,
  conmonPid: 0,
  pidStartTime: 0,
  exitCode: 0,
  startedAt: "",
  finishedAt: "",
  oomKilled: false,
  restartCount: 0,
  stoppedByUser: false,
  needsCleanup: false,
  bootId: "",
};
