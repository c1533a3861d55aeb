import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import type { HealthSpec, StartupHealthCheck } from "../../container-spec/health-spec.ts";
import type { HealthChanges } from "../../containers/update.ts";

export const healthFlags = defineFlags({
  "health-cmd": {
    type: "string",
    aliases: ["healthcheck-command"],
    description: 'Command of the health check ("none" switches the image\'s off)',
  },
  "health-interval": {
    type: "string",
    default: "30s",
    aliases: ["healthcheck-interval"],
    description: 'Time between checks ("disable" for none by themselves)',
  },
  "health-log-destination": {
    type: "string",
    default: "local",
    description: 'Where results are kept ("local", "events_logger", or a directory)',
  },
  "health-max-log-count": { type: "uint", default: 5, description: "Results that are kept; 0 for all" },
  "health-max-log-size": { type: "uint", default: 500, description: "Characters of output that are kept of each result; 0 for all" },
  "health-on-failure": {
    type: "string",
    default: "none",
    description: "What to do with an unhealthy container (none, kill, restart, stop)",
  },
  "health-retries": { type: "uint", default: 3, aliases: ["healthcheck-retries"], description: "Failures in a row that make it unhealthy" },
  "health-start-period": {
    type: "string",
    default: "0s",
    aliases: ["healthcheck-start-period"],
    description: "Time in which failures do not count",
  },
  "health-startup-cmd": { type: "string", description: "Command of the check that runs before the regular one, until it passes" },
  "health-startup-interval": { type: "string", default: "30s", description: "Time between start-up checks" },
  "health-startup-retries": {
    type: "uint",
    default: 0,
    description: "Failures of the start-up check that restart the container; 0 for never",
  },
  "health-startup-success": { type: "uint", default: 0, description: "Passes that end the start-up check; 0 for one" },
  "health-startup-timeout": { type: "string", default: "30s", description: "Time that a start-up check may take" },
  "health-timeout": { type: "string", default: "30s", aliases: ["healthcheck-timeout"], description: "Time that a check may take" },
  "no-healthcheck": { type: "bool", description: "Switch the image's health check off" },
});

type Values = FlagValues<typeof healthFlags>;
type Given = (flag: string) => boolean;

/** The part of a spec that {@link healthFlags} say; undefined when none was given. */
export function healthSpec(values: Values, given: Given): HealthSpec | undefined {
  const names = Object.keys(healthFlags);
  if (!names.some(given)) return undefined;
  return { ...checkSpec(values, given), ...startupSpec(values, given), ...logSpec(values, given), onFailure: onFailure(values) };
}

/** The regular check. A command brings all other fields with it, by their defaults, unless only the `given` ones are wanted. */
function checkSpec(
  values: Values,
  given: Given,
  which: "whole" | "given" = "whole",
): Pick<HealthSpec, "test" | "interval" | "timeout" | "startPeriod" | "retries"> {
  const command = values.healthCmd ?? "";
  if (values.noHealthcheck) {
    if (command !== "") throw new ToolError("invalid-argument", "cannot specify both --no-healthcheck and --health-cmd");
    return { test: ["NONE"] };
  }
  // With a command of the user's the defaults of the flags count, not the image's values.
  const wanted = (flag: string): boolean => (which === "whole" && command !== "") || given(flag);
  return {
    ...(command !== "" ? { test: parseTest(command) } : {}),
    ...(wanted("health-interval") ? { interval: interval(values.healthInterval) } : {}),
    ...(wanted("health-timeout") ? { timeout: timeout(values.healthTimeout) } : {}),
    ...(wanted("health-start-period") ? { startPeriod: startPeriod(values.healthStartPeriod) } : {}),
    ...(wanted("health-retries") ? { retries: retries(values.healthRetries) } : {}),
  };
}

function startupSpec(values: Values, given: Given): { readonly startup?: StartupHealthCheck } {
  const command = values.healthStartupCmd ?? "";
  if (command === "") return {};
  if (values.noHealthcheck) throw new ToolError("invalid-argument", "cannot specify both --no-healthcheck and --health-startup-cmd");
  return { startup: { ...startupFields(values, given, true), test: parseTest(command) } };
}

/** The fields of the start-up check that were given; with `whole` all, by their defaults. */
function startupFields(values: Values, given: Given, whole = false): StartupHealthCheck {
  const wanted = (flag: string): boolean => whole || given(flag);
  return {
    ...(wanted("health-startup-interval") ? { interval: interval(values.healthStartupInterval) } : {}),
    ...(wanted("health-startup-timeout") ? { timeout: timeout(values.healthStartupTimeout) } : {}),
    ...(wanted("health-startup-retries") ? { retries: values.healthStartupRetries } : {}),
    ...(wanted("health-startup-success") ? { successes: values.healthStartupSuccess } : {}),
  };
}

function logSpec(values: Values, given: Given): Pick<HealthSpec, "logDestination" | "maxLogCount" | "maxLogSize"> {
  return {
    ...(given("health-log-destination") ? { logDestination: values.healthLogDestination } : {}),
    ...(given("health-max-log-count") ? { maxLogCount: values.healthMaxLogCount } : {}),
    ...(given("health-max-log-size") ? { maxLogSize: values.healthMaxLogSize } : {}),
  };
}

/** @throws ToolError invalid-argument for an action that there is not */
function onFailure({ healthOnFailure: text }: Pick<Values, "healthOnFailure">): NonNullable<HealthSpec["onFailure"]> {
  switch (text) {
    case "":
    case "none":
      return "none";
    case "kill":
    case "restart":
    case "stop":
      return text;
    default:
      throw new ToolError(
        "invalid-argument",
        `invalid on-failure action ${JSON.stringify(text)} for health check: supported actions are none,kill,restart,stop`,
      );
  }
}

/** A JSON list of words is a command, anything else (a list of one word too) is for the container's shell. */
function parseTest(text: string): readonly string[] {
  const words = jsonWords(text);
  if (words?.length === 0) throw new ToolError("invalid-argument", "must define a healthcheck command for all healthchecks");
  const [first = ""] = words ?? text.split(" ");
  switch (first.toUpperCase()) {
    case "NONE":
      return ["NONE"];
    case "CMD":
      return words ?? text.split(/\s+/).filter((word) => word !== "");
    case "CMD-SHELL":
      return words ?? [first, text.slice(first.length + 1)];
    default:
      return words !== undefined && words.length > 1 ? ["CMD", ...words] : ["CMD-SHELL", words?.[0] ?? text];
  }
}

function jsonWords(text: string): readonly string[] | undefined {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : undefined;
  } catch {
    return undefined;
  }
}

function interval(text: string): number {
  return nanoseconds("interval", text === "disable" ? "0" : text);
}

function timeout(text: string): number {
  const value = nanoseconds("timeout", text);
  if (value < 1) throw new ToolError("invalid-argument", "healthcheck-timeout must be at least 1 second");
  return value;
}

function startPeriod(text: string): number {
  const value = nanoseconds("start-period", text);
  if (value < 0) throw new ToolError("invalid-argument", "healthcheck-start-period must be 0 seconds or greater");
  return value;
}

function retries(value: number): number {
  if (value < 1) throw new ToolError("invalid-argument", "healthcheck-retries must be greater than 0");
  return value;
}

function nanoseconds(what: string, text: string): number {
  try {
    return Math.round(parseDuration(text) * 1e6);
  } catch (error) {
    throw new ToolError("invalid-argument", `invalid healthcheck-${what}: ${(error as Error).message}`);
  }
}

/** What the flags that were given change of a container that exists. */
export function healthChanges(values: Values, given: Given): HealthChanges {
  if (values.noHealthcheck) {
    const others = Object.keys(healthFlags).filter(
      (flag) => flag !== "no-healthcheck" && /cmd|interval|retries|success|timeout|period/.test(flag),
    );
    if (others.some(given)) throw new ToolError("invalid-argument", "cannot specify both --no-healthcheck and other HealthCheck flags");
  }
  const startup = startupChanges(values, given);
  return {
    ...(values.noHealthcheck ? { none: true } : checkSpec(values, given, "given")),
    ...logSpec(values, given),
    ...(given("health-on-failure") ? { onFailure: onFailure(values) } : {}),
    ...(startup === undefined ? {} : { startup }),
  };
}

function startupChanges(values: Values, given: Given): HealthChanges["startup"] {
  const fields = startupFields(values, given);
  const command = values.healthStartupCmd ?? "";
  if (command === "" && Object.keys(fields).length === 0) return undefined;
  return { ...fields, ...(command === "" ? {} : { test: parseTest(command) }) };
}
