import { delegatedControllers, hierarchyControllers, readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { ToolError } from "@containers/common/errors/tool-error";
import type { RestartPolicy } from "../container-spec/container-spec.ts";
import type { HealthSpec, StartupHealthCheck } from "../container-spec/health-spec.ts";
import type { ResourceSpec } from "../container-spec/resource-spec.ts";
import { requireLogDestination } from "../container-spec/settle-health.ts";
import type { Engine } from "../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../locks/with-container-lock.ts";
import type { Container, ContainerConfig } from "./config.ts";
import { containerEvent } from "./container-event.ts";
import { beginChecks, endChecks, rescheduleChecks } from "./health/schedule.ts";
import { hasHealthCheck } from "./health/status.ts";
import { refreshLocked } from "./lifecycle/refresh.ts";
import { buildResources } from "./prepare/resources.ts";

/** What `update` changes; what is absent stays as it is. */
export interface ContainerChanges {
  readonly resources?: ResourceSpec;
  readonly restart?: RestartPolicy;
  /** KEY=value, set from the next process on. */
  readonly env?: readonly string[];
  readonly unsetEnv?: readonly string[];
  readonly health?: HealthChanges;
}

export interface HealthChanges extends Omit<HealthSpec, "startup"> {
  readonly startup?: StartupHealthCheck;
  /** Switches all checks off. */
  readonly none?: boolean;
}

const DEFAULT_CHECK = { interval: 30e9, timeout: 30e9, startPeriod: 0, retries: 3 };
const DEFAULT_STARTUP = { interval: 30e9, timeout: 30e9, retries: 0, successes: 0 };

/**
 * Changes a container that exists: its limits at once when it runs, the rest from its next start on; checks with the next one. Returns the id.
 *
 * @throws not-found; invalid-argument; what the runtime says of limits that cannot be had, and then nothing was changed
 */
export async function updateContainer(engine: Engine, reference: string, changes: ContainerChanges): Promise<string> {
  const { config: found } = resolveContainer(engine, reference);
  return withContainerLock(engine, found.id, async (stale) => {
    const container = await refreshLocked(engine, stale);
    if (container.state.status === "removing")
      throw new ToolError("invalid-state", `container ${found.id} is being removed: container state improper`);
    const config = changedConfig(container.config, changes);
    if (changes.resources !== undefined) await applyLimits(engine, { ...container, config });
    engine.state.containers.setConfig(config.id, config);
    if (changes.health !== undefined) applyHealth(engine, container, config);
    engine.events.write(containerEvent(config, "update"));
    return config.id;
  });
}

function changedConfig(config: ContainerConfig, changes: ContainerChanges): ContainerConfig {
  const { resources, restart, env, unsetEnv } = changes;
  return {
    ...config,
    ...(resources === undefined ? {} : { resources: changedResources(config.resources, resources) }),
    ...(restart === undefined ? {} : { restart }),
    ...(env === undefined && unsetEnv === undefined ? {} : { env: changedEnvironment(config.env, env ?? [], unsetEnv ?? []) }),
    ...(changes.health === undefined ? {} : { health: changedHealth(config.health, changes.health) }),
  };
}

/** Limits that say the same thing in two ways take each other's place; ulimits are changed one by one. */
export function changedResources(before: ResourceSpec, asked: ResourceSpec): ResourceSpec {
  const { cpus, cpuPeriod, cpuQuota, ...rest } = before;
  const byCount = asked.cpus !== undefined;
  const byPeriod = asked.cpuPeriod !== undefined || asked.cpuQuota !== undefined;
  const ulimits = asked.ulimits ?? [];
  return {
    ...rest,
    ...(byPeriod ? {} : { cpus }),
    ...(byCount ? {} : { cpuPeriod, cpuQuota }),
    ...asked,
    ...(ulimits.length === 0
      ? {}
      : { ulimits: [...(before.ulimits ?? []).filter(({ name }) => !ulimits.some((limit) => limit.name === name)), ...ulimits] }),
  };
}

function changedEnvironment(before: readonly string[], set: readonly string[], unset: readonly string[]): string[] {
  const pairs = (entries: readonly string[]): Array<readonly [string, string]> =>
    entries.map((entry) => {
      const equals = entry.indexOf("=");
      return equals < 0 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
    });
  const variables = new Map(pairs(before));
  for (const [name, value] of pairs(set)) variables.set(name, value);
  for (const name of unset) variables.delete(name);
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

/** @throws invalid-argument where a setting needs a check and there is none */
export function changedHealth(before: HealthSpec = {}, asked: HealthChanges): HealthSpec {
  const { none, startup, ...fields } = asked;
  if (fields.logDestination !== undefined) requireLogDestination(fields.logDestination, "");
  const { startup: oldStartup, ...old } = before;
  const { test, interval, timeout, startPeriod, retries, ...kept } = old;
  const ofCheck = ["test", "interval", "timeout", "startPeriod", "retries"].some((key) => key in fields);
  if (none === true) {
    if (ofCheck || startup !== undefined)
      throw new ToolError("invalid-argument", "cannot specify both --no-healthcheck and other HealthCheck flags");
    return { ...kept, ...fields, test: ["NONE"] };
  }
  const checked = hasHealthCheck({ health: before });
  if (ofCheck && !checked && fields.test === undefined) throw new ToolError("invalid-argument", "healthcheck command is not set");
  if (startup !== undefined && startup.test === undefined && oldStartup === undefined)
    throw new ToolError("invalid-argument", "startup healthcheck command is not set");
  const check = ofCheck ? { ...DEFAULT_CHECK, ...(checked ? { test, interval, timeout, startPeriod, retries } : {}) } : old;
  const nextStartup = startup === undefined ? oldStartup : { ...(oldStartup ?? DEFAULT_STARTUP), ...startup };
  const next = { ...kept, ...check, ...fields };
  if (nextStartup !== undefined && !hasHealthCheck({ health: next }))
    throw new ToolError("invalid-argument", "cannot set a startup healthcheck when there is no regular healthcheck: invalid argument");
  return { ...next, ...(nextStartup === undefined ? {} : { startup: nextStartup }) };
}

/** A container that does not run gets its limits when it starts. */
async function applyLimits(engine: Engine, { config, state }: Container): Promise<void> {
  const { rootless, defaults, warn } = engine;
  const { version } = readCgroupLayout();
  // Without a cgroup of its own nothing can be changed of such a container: the runtime is asked for what the user wants, and says so.
  const hopeless = rootless && version === 1;
  const ability = { version, rootless: rootless && !hopeless, controllers: rootless ? delegatedControllers() : hierarchyControllers() };
  const limits = buildResources(config.resources, hopeless ? { pidsLimit: 0 } : defaults, { ability, warn });
  if (!["created", "running", "paused"].includes(state.status) || Object.keys(limits).length === 0) return;
  await updateRunning(engine, config, limits);
}

/** That the runtime refuses a limit says nothing of the contained command, and so has podman's own exit code. */
async function updateRunning(engine: Engine, config: ContainerConfig, limits: ReturnType<typeof buildResources>): Promise<void> {
  try {
    await engine.runtime(config.runtime).update(config.id, limits);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(error.kind, error.message, { code: error.code, exitCode: 125, cause: error });
  }
}

/** A timer whose checks are other ones now begins anew. */
function applyHealth(engine: Engine, before: Container, config: ContainerConfig): void {
  const container = { ...before, config };
  if (before.state.status !== "running") return;
  if (!hasHealthCheck(config)) {
    const { state } = endChecks(engine, before);
    engine.state.containers.setState(config.id, { ...state, health: undefined });
  } else if (!hasHealthCheck(before.config)) {
    beginChecks(engine, container, "resume");
  } else if (timing(before.config) !== timing(config)) {
    rescheduleChecks(engine, container);
  }
}

function timing({ health }: ContainerConfig): string {
  return JSON.stringify([health?.interval, health?.startup?.interval, health?.startup === undefined]);
}
