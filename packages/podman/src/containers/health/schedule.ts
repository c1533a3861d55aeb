import { closeSync, constants, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import type { Container, ContainerConfig } from "../config.ts";
import type { HealthState } from "../state.ts";
import { hasHealthCheck, readHealth, writeHealth } from "./status.ts";
import { healthUnits } from "./systemd-timer.ts";

type Ports = Pick<Engine, "sys" | "state" | "rootless" | "conmon" | "cleanupCommand" | "warn">;

/** Begins with the checks of a container that has just been started, or goes on. The caller holds the lock. */
export function beginChecks(engine: Ports, container: Container, how: "start" | "resume" = "start"): Container {
  if (!hasHealthCheck(container.config)) return container;
  const results =
    how === "start" ? { Status: "starting", FailingStreak: 0, Log: null } : { ...readHealth(container.config), Status: "reset" };
  const fresh = how === "start" ? { ...container, state: { ...container.state, health: { status: "starting" } } } : container;
  return writeHealth(engine, fresh, { results, state: { timer: schedule(engine, fresh) } });
}

/** The checks are others now, or other ones' turn: a new timer takes the place of the old. The caller holds the lock. */
export function rescheduleChecks(engine: Ports, container: Container): Container {
  const { config, state } = container;
  if (state.status !== "running") return container;
  const before = state.health?.timer;
  const timer = hasHealthCheck(config) ? schedule(engine, container) : undefined;
  if (before?.kind === "systemd" || timer === undefined) cancel(engine, config, before);
  return note(engine, container, timer);
}

/** Nobody checks any longer. The caller holds the lock. */
export function endChecks(engine: Ports, container: Container): Container {
  const { config, state } = container;
  if (state.health?.timer === undefined) return container;
  cancel(engine, config, state.health.timer);
  return note(engine, container, undefined);
}

function note(engine: Ports, { config, state }: Container, timer: HealthState["timer"]): Container {
  const next = { ...state, health: { status: "", ...state.health, timer } };
  engine.state.containers.setState(config.id, next);
  return { config, state: next };
}

/** Makes the first check now and the others by the clock; undefined where the configuration wants none by themselves. */
function schedule(engine: Ports, { config, state }: Container): HealthState["timer"] {
  const { startup, interval = 0 } = config.health ?? {};
  const isStartup = startup !== undefined && state.health?.startupPassed !== true;
  const intervalMs = ((isStartup ? startup.interval : interval) ?? 0) / 1e6;
  if (intervalMs <= 0 || interval <= 0) return undefined;
  const command = engine.cleanupCommand(["healthcheck", "run", "--ignore-result", config.id]);
  const units = healthUnits(engine);
  if (units !== undefined) {
    const unit = `${config.id}${isStartup ? "-startup" : ""}-${Math.floor(Math.random() * 2 ** 48).toString(16)}`;
    units.start({ unit, command, intervalMs });
    return { kind: "systemd", unit };
  }
  if (!engine.conmon().isOwn) {
    engine.warn(
      `nothing makes the health checks of this container: there is no systemd, and the monitor ${engine.conmon().path} has no timer`,
    );
    return undefined;
  }
  writeFileSync(periodicFile(config), JSON.stringify({ command, intervalMs }), { mode: 0o600 });
  tellMonitor(config);
  return { kind: "monitor" };
}

function cancel(engine: Ports, config: ContainerConfig, timer: HealthState["timer"]): void {
  if (timer?.kind === "systemd") healthUnits(engine)?.stop(timer.unit);
  if (timer?.kind !== "monitor") return;
  rmSync(periodicFile(config), { force: true });
  tellMonitor(config);
}

function periodicFile({ staticDir }: ContainerConfig): string {
  return `${staticDir}/periodic.json`;
}

/** The monitor looks at the file; one that has gone need not. */
function tellMonitor({ staticDir }: ContainerConfig): void {
  try {
    const fd = openSync(`${staticDir}/ctl`, constants.O_WRONLY | constants.O_NONBLOCK);
    writeSync(fd, "3 0 0\n");
    closeSync(fd);
  } catch {
    // The container has ended.
  }
}
