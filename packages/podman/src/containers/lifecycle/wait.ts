import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { readExitFile } from "../../monitor/exit-file.ts";
import { isAlive, isSameProcess } from "../../monitor/process-identity.ts";
import type { Container } from "../config.ts";
import { hasHealthCheck } from "../health/status.ts";
import type { WaitOptions, WaitReport } from "../options.ts";
import { refreshLocked } from "./refresh.ts";
import { shownStatus } from "./transitions.ts";
import { isUnwatched } from "./unwatched.ts";

const CONDITIONS = [
  "configured",
  "created",
  "exited",
  "healthy",
  "initialized",
  "paused",
  "removing",
  "running",
  "stopped",
  "stopping",
  "unhealthy",
  "unknown",
];

const HEALTH = ["healthy", "unhealthy"];
/** Milliseconds in which a container that was stopped may run again. */
const RESTART_PATIENCE = 1000;

/**
 * Waits until each container is in one of the wanted statuses; by default until it has ended. With `firstMatch` one report is the answer: that
 * of the first for which the wait is over.
 */
export async function waitContainers(engine: Engine, references: readonly string[], options: WaitOptions = {}): Promise<WaitReport[]> {
  for (const condition of options.conditions ?? []) {
    if (!CONDITIONS.includes(condition)) throw new ToolError("invalid-argument", `unknown container state: ${condition}: invalid argument`);
  }
  if (options.firstMatch !== true || references.length === 0)
    return Promise.all(references.map((reference) => waitOne(engine, reference, options)));
  const others = new AbortController();
  const signal = options.signal === undefined ? others.signal : AbortSignal.any([options.signal, others.signal]);
  try {
    return [await Promise.race(references.map((reference) => waitOne(engine, reference, { ...options, signal })))];
  } finally {
    others.abort();
  }
}

async function waitOne(engine: Engine, reference: string, options: WaitOptions): Promise<WaitReport> {
  try {
    if (options.ignore === true && engine.state.containers.resolve(reference) === undefined) return { reference, exitCode: -1 };
    const { config } = resolveContainer(engine, reference);
    // One that has never run is waited for only by those who name the state they wait for.
    const waits = (options.conditions?.length ?? 0) > 0 || !neverRan(engine.state.containers.get(config.id));
    if (!waits) return { reference, id: config.id, name: config.name, exitCode: 0 };
    const wanted = options.conditions?.length ? options.conditions : ["stopped", "exited"];
    const ofHealth = wanted.find((condition) => HEALTH.includes(condition));
    if (ofHealth !== undefined && !hasHealthCheck(config))
      throw new ToolError(
        "invalid-argument",
        `cannot use condition ${JSON.stringify(ofHealth)}: container ${config.id} has no healthcheck`,
      );
    const exitCode = await waitForStatus(engine, config.id, { wanted, ...options });
    return { reference, id: config.id, name: config.name, exitCode };
  } catch (error) {
    return { reference, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** One that is being started anew is configured for a moment, too. */
function neverRan(container: Container | undefined): boolean {
  return container?.state.status === "configured" && container.state.startedAt === "";
}

async function waitForStatus(
  engine: Engine,
  id: string,
  options: Pick<WaitOptions, "intervalMs" | "signal" | "ofRun"> & { readonly wanted: readonly string[] },
): Promise<number> {
  const longest = options.intervalMs ?? 50;
  let stoppedAt: number | undefined;
  for (let pause = 1; ; pause = Math.min(pause * 2, longest)) {
    const container = engine.state.containers.get(id);
    // Removed meanwhile: its exit code is remembered for a while.
    if (container === undefined) return engine.state.exitCodes.get(id) ?? -1;
    if (options.ofRun !== undefined && container.state.startedAt !== options.ofRun) return -1;
    if (isUnwatched(container.state)) {
      await withContainerLock(engine, id, (stale) => refreshLocked(engine, stale));
      continue;
    }
    const status = actualStatus(engine, container);
    if (options.wanted.includes(status) || options.wanted.includes(shownStatus(container.state.status)))
      return exitCodeOf(engine, container);
    if (options.wanted.includes(container.state.health?.status ?? "")) return -1;
    // Nobody will check it any more, unless it is only being restarted.
    stoppedAt = ["created", "running", "paused"].includes(status) ? undefined : (stoppedAt ?? Date.now());
    const ofHealth = options.wanted.every((condition) => HEALTH.includes(condition));
    if (ofHealth && stoppedAt !== undefined && Date.now() - stoppedAt > RESTART_PATIENCE)
      throw new ToolError("invalid-state", "container is stopped", { exitCode: 125 });
    if (options.signal?.aborted === true) throw new ToolError("cancelled", "waiting was cancelled");
    await delay(pause);
  }
}

/** The recorded status, unless the process is seen to have ended and nobody is there to record it. */
function actualStatus(engine: Pick<Engine, "paths">, { config, state }: Container): string {
  if (!["running", "paused", "stopping"].includes(state.status)) return state.status;
  if (isSameProcess(state.pid, state.pidStartTime)) return state.status;
  const known = readExitFile(engine.paths.exitsDir, config.id) !== undefined;
  return known || !isAlive(state.conmonPid) ? "exited" : state.status;
}

function exitCodeOf(engine: Pick<Engine, "paths">, { config, state }: Container): number {
  // One that is ready, or not even that, has no exit code.
  if (["configured", "created"].includes(state.status)) return -1;
  if (!["running", "paused", "stopping"].includes(state.status)) return state.exitCode;
  return readExitFile(engine.paths.exitsDir, config.id)?.exitCode ?? -1;
}
