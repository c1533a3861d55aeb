import { unifiedCgroupOf } from "@containers/common/cgroups/cgroup-layout";
import type { Container, ContainerConfig } from "../config.ts";
import { hasHealthCheck, readHealth } from "../health/status.ts";
import { shownStatus } from "../lifecycle/transitions.ts";
import { cgroupsPath } from "../prepare/cgroup-path.ts";
import { isSplit } from "../prepare/split-cgroup.ts";
import { compact } from "./compact.ts";

const NEVER = "0001-01-01T00:00:00Z";

export function stateSection({ config, state }: Container, rootless: boolean): Record<string, unknown> {
  const alive = state.pid > 0;
  return compact({
    OciVersion: "1.2.1",
    Status: shownStatus(state.status),
    Running: state.status === "running" || state.status === "stopping",
    Paused: state.status === "paused",
    Restarting: false,
    OOMKilled: state.oomKilled,
    Dead: false,
    Pid: state.pid,
    ConmonPid: alive ? state.conmonPid : undefined,
    ExitCode: state.exitCode,
    Error: state.error ?? "",
    StartedAt: trimmed(state.startedAt),
    FinishedAt: trimmed(state.finishedAt),
    Health: hasHealthCheck(config) ? readHealth(config) : undefined,
    CgroupPath: alive && config.resources.cgroups !== "disabled" ? (plannedCgroup(config, rootless) ?? ownCgroup(state.pid)) : undefined,
    ...(state.checkpointedAt === undefined ? {} : { Checkpointed: true }),
    CheckpointedAt: trimmed(state.checkpointedAt ?? ""),
    RestoredAt: trimmed(state.restoredAt ?? ""),
    CheckpointLog: state.checkpointLog,
    CheckpointPath: state.checkpointPath,
    RestoreLog: state.restoreLog,
    ...(state.restoredAt === undefined ? {} : { Restored: true }),
    StoppedByUser: state.stoppedByUser || undefined,
  });
}

/** Where it was settled before the container was started, and not by the service that podman was called in. */
function plannedCgroup(config: ContainerConfig, rootless: boolean): string | undefined {
  const path = isSplit(config) ? undefined : cgroupsPath(config, rootless);
  return path?.startsWith("/") === true ? path : undefined;
}

/** The cgroup that holds the container; crun puts the processes into one below it. */
function ownCgroup(pid: number): string | undefined {
  return unifiedCgroupOf(pid)?.replace(/\.scope\/container$/, ".scope");
}

/** Go prints no trailing zeros of a fraction. */
function trimmed(time: string): string {
  return time === "" ? NEVER : time.replace(/\.?0+Z$/, "Z");
}
