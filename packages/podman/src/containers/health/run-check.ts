import { formatDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { withContainerLock } from "../../locks/with-container-lock.ts";
import type { Container } from "../config.ts";
import { refreshLocked } from "../lifecycle/refresh.ts";
import { restartContainers } from "../lifecycle/restart.ts";
import type { ContainerState } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { actOnFailure } from "./on-failure.ts";
import { type ProbeResult, startProbe, testCommand } from "./probe.ts";
import { rescheduleChecks } from "./schedule.ts";
import { addResult, type HealthResults, hasHealthCheck, readHealth, tellHealth, writeHealth } from "./status.ts";

/** What came of one check: `stopped` when the container ended meanwhile, `starting` for a failure of the start-up check. */
export type CheckResult = "healthy" | "unhealthy" | "starting" | "stopped";

const DEFAULT_OUTPUT = 500;

/**
 * Makes one check of a running container: the start-up check until that has passed, then the regular one. Notes the result, tells of it, and
 * acts on a container that has become unhealthy.
 *
 * @throws not-found; invalid-state when it does not run; invalid-argument without a check; unavailable when the check took too long
 */
export async function runHealthCheck(engine: Engine, reference: string): Promise<CheckResult> {
  const found = engine.state.containers.resolve(reference);
  if (found === undefined) {
    const missing = `no container with name or ID ${JSON.stringify(reference)} found: no such container`;
    throw new ToolError("not-found", `unable to look up ${reference} to perform a health check: ${missing}`, { exitCode: 125 });
  }
  const { id } = found.config;
  const begun = await withContainerLock(engine, id, (container) => begin(engine, container));
  if (begun === undefined) return "starting";
  const probed = await begun.probe.result();
  if (engine.state.containers.get(id) === undefined) return "stopped";
  const noted = await withContainerLock(engine, id, (container) => note(engine, container, { begun, probed }));
  if (noted.restart) {
    const [report] = await restartContainers(engine, [id]);
    if (report?.error !== undefined) throw report.error;
  }
  if (!begun.isStartup && noted.results.Status === "unhealthy") await actOnFailure(engine, found.config);
  if (probed.timedOut && noted.result !== "stopped") {
    const limit = formatDuration(begun.timeout);
    throw new ToolError("unavailable", `healthcheck command exceeded timeout of ${limit}`, { exitCode: 125 });
  }
  return noted.result;
}

async function begin(engine: Engine, stale: Container) {
  const container = await refreshLocked(engine, stale);
  const { config, state } = container;
  if (state.status !== "running") {
    throw new ToolError("invalid-state", `container ${config.id} is not running`, { exitCode: 125 });
  }
  const health = config.health ?? {};
  const isStartup = health.startup !== undefined && state.health?.startupPassed !== true;
  const command = testCommand((isStartup ? health.startup : health)?.test);
  if (!hasHealthCheck(config) || command === undefined) {
    throw new ToolError("invalid-argument", `container ${config.id} has no defined healthcheck`, { exitCode: 125 });
  }
  const check = isStartup ? { ...health, ...health.startup } : health;
  const timeout = (check.timeout ?? 0) / 1e6;
  const startedAt = timestamp();
  const graceEnd = Date.parse(state.startedAt) + (health.startPeriod ?? 0) / 1e6;
  // Containers of kube files are looked at only when that time is over.
  if (!isStartup && Date.now() < graceEnd && "io.podman.annotations.kube.health.check" in config.annotations) return undefined;
  const probe = startProbe(engine, container, { command, timeout, maxOutput: health.maxLogSize ?? DEFAULT_OUTPUT });
  return { probe, isStartup, timeout, startedAt, lenient: isStartup || Date.now() < graceEnd, run: state.startedAt };
}

interface Checked {
  readonly begun: NonNullable<Awaited<ReturnType<typeof begin>>>;
  readonly probed: ProbeResult;
}

async function note(
  engine: Engine,
  stale: Container,
  { begun, probed }: Checked,
): Promise<{ readonly result: CheckResult; readonly results: HealthResults; readonly restart: boolean }> {
  const container = await refreshLocked(engine, stale);
  const { config, state } = container;
  const failed = probed.timedOut || probed.exitCode !== 0;
  const entry = {
    Start: trimmed(begun.startedAt),
    End: trimmed(timestamp()),
    ExitCode: probed.timedOut ? -1 : failed ? 1 : 0,
    Output: probed.output,
  };
  const stopped = failed && (!["running", "paused"].includes(state.status) || state.startedAt !== begun.run);
  const results = addResult(readHealth(config), { entry, stopped, lenient: begun.lenient }, config.health ?? {});
  const startup = begun.isStartup && !stopped ? afterStartupCheck(container, failed) : { state: {}, passed: false, restart: false };
  const noted = writeHealth(engine, container, { results, state: startup.state });
  if (startup.passed) await rescheduleChecks(engine, noted);
  tellHealth(engine, config, results);
  const failure = stopped ? "stopped" : begun.isStartup ? "starting" : "unhealthy";
  return { result: failed ? failure : "healthy", results, restart: startup.restart };
}

/** The counters of the start-up check, and whether it has passed for good or has failed too often. */
function afterStartupCheck({ config, state }: Pick<Container, "config"> & { readonly state: ContainerState }, failed: boolean) {
  const { successes = 0, retries = 0 } = config.health?.startup ?? {};
  const { startupSuccesses = 0, startupFailures = 0, startupPassed = false } = state.health ?? {};
  if (startupPassed) return { state: {}, passed: false, restart: false };
  if (failed) {
    const count = startupFailures + 1;
    return { state: { startupFailures: count, startupSuccesses: 0 }, passed: false, restart: retries > 0 && count >= retries };
  }
  const passed = startupSuccesses + 1 >= Math.max(1, successes);
  const counters = { startupPassed: passed, startupSuccesses: passed ? 0 : startupSuccesses + 1, startupFailures: 0 };
  return { state: counters, passed, restart: false };
}

/** Go prints no trailing zeros of a fraction. */
function trimmed(time: string): string {
  return time.replace(/\.?0+Z$/, "Z");
}
