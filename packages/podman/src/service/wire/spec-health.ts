import { ToolError } from "@containers/common/errors/tool-error";
import type { HealthSpec } from "../../container-spec/health-spec.ts";
import type { SpecGenerator } from "./spec-generator-shape.ts";

/** Actions by their numbers. */
const onFailure = ["none", "invalid", "kill", "restart", "stop"] as const;

/** What a client sends of a log that it leaves as it is. */
const LOG_DEFAULTS = { destination: "local", count: 5, size: 500 };

/** The checks of a SpecGenerator; undefined when it says nothing of any. */
export function readHealth(wire: SpecGenerator): HealthSpec | undefined {
  const action = onFailure[wire.health_check_on_failure_action ?? 0];
  if (action === undefined || action === "invalid")
    throw new ToolError("invalid-argument", `invalid on-failure action ${wire.health_check_on_failure_action} for health check`);
  const startup = wire.startupHealthConfig;
  const spec: HealthSpec = {
    ...readCheck(wire.healthconfig),
    ...(action === "none" ? {} : { onFailure: action }),
    ...(startup === undefined ? {} : { startup: { ...readCheck(startup), successes: startup.Successes } }),
    ...logChoice(wire),
  };
  const said = Object.entries(spec).filter(([, value]) => value !== undefined);
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

type WireCheck = NonNullable<SpecGenerator["healthconfig"]>;

/** Zero means the image's, or the default; a negative interval switches the timer off. */
function readCheck({ Test, Interval, Timeout, StartPeriod, Retries }: WireCheck = {}) {
  return {
    test: Test !== undefined && Test.length > 0 ? Test : undefined,
    interval: Interval !== undefined && Interval < 0 ? 0 : positive(Interval),
    timeout: positive(Timeout),
    startPeriod: positive(StartPeriod),
    retries: positive(Retries),
  };
}

function logChoice({ healthLogDestination: destination, healthMaxLogCount: count, healthMaxLogSize: size }: SpecGenerator): HealthSpec {
  return {
    ...(destination === undefined || destination === LOG_DEFAULTS.destination ? {} : { logDestination: destination }),
    ...(count === undefined || count === LOG_DEFAULTS.count ? {} : { maxLogCount: count }),
    ...(size === undefined || size === LOG_DEFAULTS.size ? {} : { maxLogSize: size }),
  };
}

function positive(value: number | undefined): number | undefined {
  return value === undefined || value === 0 ? undefined : value;
}
