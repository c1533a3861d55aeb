import { formatDuration } from "@containers/common/cli/flag-values/duration";
import type { HealthSpec, StartupHealthCheck } from "../../container-spec/health-spec.ts";

/** Nanoseconds in JSON, and `30s` for templates: what Go makes of a duration. */
class Duration {
  readonly #nanoseconds: number;

  constructor(nanoseconds: number) {
    this.#nanoseconds = nanoseconds;
  }

  toJSON(): number {
    return this.#nanoseconds;
  }

  toString(): string {
    return formatDuration(this.#nanoseconds / 1e6);
  }
}

/** What inspect shows of how a container's health is looked after. */
export function healthSection(health: HealthSpec | undefined): Record<string, unknown> {
  return {
    Healthcheck: health?.test === undefined ? undefined : check(health),
    HealthcheckOnFailureAction: health?.onFailure ?? "none",
    HealthLogDestination: health?.logDestination || "local",
    HealthcheckMaxLogCount: health?.maxLogCount ?? 5,
    HealthcheckMaxLogSize: health?.maxLogSize ?? 500,
    ...startupCheck(health?.startup),
  };
}

/** JSON leaves out what is zero; templates know it all the same. */
function check(
  { test, startPeriod = 0, interval = 0, timeout = 0, retries = 0 }: HealthSpec,
  more: Readonly<Record<string, unknown>> = {},
) {
  return withZeros({
    Test: test,
    StartPeriod: new Duration(startPeriod),
    StartInterval: new Duration(0),
    Interval: new Duration(interval),
    Timeout: new Duration(timeout),
    Retries: retries,
    ...more,
  });
}

function startupCheck(startup: StartupHealthCheck | undefined): Record<string, unknown> {
  return startup === undefined ? {} : { StartupHealthCheck: check(startup, { Successes: startup.successes ?? 0 }) };
}

function withZeros(fields: Readonly<Record<string, unknown>>): object {
  const shown = {};
  for (const [key, value] of Object.entries(fields)) {
    const isZero = value === 0 || (value instanceof Duration && value.toJSON() === 0);
    Object.defineProperty(shown, key, { value, enumerable: !isZero });
  }
  return shown;
}
