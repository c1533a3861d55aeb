import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import type { HealthSpec } from "../../spec/container-spec.ts";
import { oneOf } from "./process-flags.ts";

export const healthFlags = defineFlags({
  "health-cmd": {
    type: "string",
    aliases: ["healthcheck-command"],
    description: 'Command of the health check ("none" switches the image\'s off)',
  },
  "health-interval": { type: "string", default: "30s", aliases: ["healthcheck-interval"], description: "Time between checks" },
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
  "health-timeout": { type: "string", default: "30s", aliases: ["healthcheck-timeout"], description: "Time that a check may take" },
  "no-healthcheck": { type: "bool", description: "Switch the image's health check off" },
});

const names = ["health-cmd", "health-interval", "health-on-failure", "health-retries", "health-start-period", "health-timeout"];

/** The part of a spec that {@link healthFlags} say; undefined when none was given. */
export function healthSpec(values: FlagValues<typeof healthFlags>, given: (flag: string) => boolean): HealthSpec | undefined {
  if (values.noHealthcheck) {
    if (given("health-cmd")) throw new ToolError("invalid-argument", "cannot specify both --no-healthcheck and --health-cmd");
    return { test: ["NONE"] };
  }
  if (!names.some(given)) return undefined;
  return {
    test: values.healthCmd === undefined ? undefined : parseTest(values.healthCmd),
    interval: given("health-interval")
      ? nanoseconds("interval", values.healthInterval === "disable" ? "0" : values.healthInterval)
      : undefined,
    timeout: given("health-timeout") ? nanoseconds("timeout", values.healthTimeout) : undefined,
    startPeriod: given("health-start-period") ? nanoseconds("start-period", values.healthStartPeriod) : undefined,
    retries: given("health-retries") ? values.healthRetries : undefined,
    onFailure: oneOf("health-on-failure", values.healthOnFailure, ["none", "kill", "restart", "stop"]),
  };
}

function parseTest(text: string): readonly string[] {
  if (text === "none") return ["NONE"];
  if (text.startsWith("[")) {
    try {
      const words: unknown = JSON.parse(text);
      if (Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === "string")) {
        const [first = ""] = words;
        return ["CMD", "CMD-SHELL", "NONE"].includes(first) ? words : ["CMD", ...words];
      }
    } catch {
      // A shell command that begins with a bracket.
    }
  }
  return ["CMD-SHELL", text];
}

function nanoseconds(what: string, text: string): number {
  try {
    return Math.round(parseDuration(text) * 1e6);
  } catch (error) {
    throw new ToolError("invalid-argument", `invalid healthcheck-${what}: ${(error as Error).message}`);
  }
}
