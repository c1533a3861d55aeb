import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { Engine } from "../../engine/engine.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import type { HealthState } from "../state.ts";

/** One check that was made, with the original's keys. */
export interface HealthLogEntry {
  /** RFC 3339. */
  readonly Start: string;
  readonly End: string;
  readonly ExitCode: number;
  readonly Output: string;
}

/** The content of a container's health log: what inspect shows as `State.Health`. */
export interface HealthResults {
  /** `starting`, `healthy`, `unhealthy`, `stopped`, `reset`, or empty before the first start. */
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly HealthLogEntry[] | null;
}

export const EVENTS_LOGGER = "events_logger";
const NOTHING: HealthResults = { Status: "", FailingStreak: 0, Log: null };
const DEFAULT_LOG_COUNT = 5;

/** Whether there is a regular check that is not switched off. */
export function hasHealthCheck({ health }: Pick<ContainerConfig, "health">): boolean {
  const first = health?.test?.[0] ?? "";
  return first !== "" && first !== "NONE";
}

/** The original's places: beside the run directory, or in the directory that the user named. */
export function healthLogPath({ id, runDir, health }: ContainerConfig): string {
  const destination = health?.logDestination ?? "local";
  return ["local", EVENTS_LOGGER, ""].includes(destination) ? `${dirname(runDir)}/healthcheck.log` : `${destination}/${id}-healthcheck.log`;
}

/** What was noted; nothing yet, or no longer after a reboot, is no error, and neither is a file that somebody has spoilt. */
export function readHealth(config: ContainerConfig): HealthResults {
  try {
    const parsed: unknown = JSON.parse(readFileSync(healthLogPath(config), "utf8"));
    // Written by this program or by the original; what lacks a field counts as empty there.
    return typeof parsed === "object" && parsed !== null ? { ...NOTHING, ...(parsed as Partial<HealthResults>) } : NOTHING;
  } catch (error) {
    if (error instanceof SyntaxError || errnoCode(error) === "ENOENT") return NOTHING;
    throw error;
  }
}

/** Notes the results, in the log and in the container's record. The caller holds the lock. */
export function writeHealth(
  engine: Pick<Engine, "state">,
  container: Container,
  noted: { readonly results: HealthResults; readonly state?: Partial<HealthState> },
): Container {
  const { config, state } = container;
  const path = healthLogPath(config);
  // Readers hold no lock; a log need not outlive a power failure.
  writeFileSync(`${path}.new`, JSON.stringify(noted.results), { mode: 0o700 });
  renameSync(`${path}.new`, path);
  const next = { ...state, health: { ...state.health, ...noted.state, status: noted.results.Status } };
  engine.state.containers.setState(config.id, next);
  return { config, state: next };
}

export function removeHealthLog(config: ContainerConfig): void {
  if (config.health !== undefined) rmSync(healthLogPath(config), { force: true });
}

/** How a check ended, as far as the status depends on it. */
export interface CheckOutcome {
  readonly entry: HealthLogEntry;
  /** The container ended meanwhile. */
  readonly stopped: boolean;
  /** Failures do not count: the start period, or a start-up check. */
  readonly lenient: boolean;
}

/** The results with one more: the status changes after as many failures in a row as the check allows. */
export function addResult(before: HealthResults, outcome: CheckOutcome, health: NonNullable<ContainerConfig["health"]>): HealthResults {
  const { entry, stopped, lenient } = outcome;
  const log = [...(before.Log ?? []), entry];
  const limit = health.maxLogCount ?? DEFAULT_LOG_COUNT;
  const Log = limit > 0 ? log.slice(-limit) : log;
  if (entry.ExitCode === 0) return { Status: "healthy", FailingStreak: 0, Log };
  const Status = before.Status === "" ? "healthy" : before.Status;
  if (stopped) return { Status: "stopped", FailingStreak: before.FailingStreak, Log };
  if (lenient) return { Status, FailingStreak: before.FailingStreak, Log };
  const FailingStreak = before.FailingStreak + 1;
  return { Status: FailingStreak >= (health.retries ?? 0) ? "unhealthy" : Status, FailingStreak, Log };
}

/** The event that tells of a check, unless containers.conf wants none. */
export function tellHealth(engine: Pick<Engine, "events" | "config">, config: ContainerConfig, results: HealthResults): void {
  if (!engine.config.engine.healthcheckEvents) return;
  const output = config.health?.logDestination === EVENTS_LOGGER ? (results.Log?.at(-1)?.Output ?? "") : "";
  engine.events.write(
    containerEvent(config, "health_status", {
      healthStatus: results.Status,
      healthFailingStreak: results.FailingStreak,
      ...(output === "" ? {} : { healthLog: output }),
    }),
  );
}
