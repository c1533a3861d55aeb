import { ToolError } from "@containers/common/errors/tool-error";
import { commandWords, requireArguments, type Step } from "./step.ts";

/** Docker's health check: durations in nanoseconds, 0 for the default. */
export interface Healthcheck {
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly startPeriod: number;
  readonly startInterval: number;
  readonly retries: number;
}

const NONE = { interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 };

/** `HEALTHCHECK NONE` or `HEALTHCHECK [--interval=…] CMD …`. */
export function parseHealthcheck(step: Step): Healthcheck {
  requireArguments(step, "one or more");
  const type = (step.args[0] ?? "").toUpperCase();
  const args = step.args.slice(1);
  if (type === "NONE") {
    if (args.length > 0) throw new ToolError("invalid-argument", "HEALTHCHECK NONE takes no arguments");
    return { test: ["NONE"], ...NONE };
  }
  if (type !== "CMD") throw new ToolError("invalid-argument", `Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  const command = commandWords({ args, json: step.json });
  if (command.length === 0) throw new ToolError("invalid-argument", "Missing command after HEALTHCHECK CMD");
  const flags = readFlags(step.flags);
  return {
    test: [step.json ? "CMD" : "CMD-SHELL", ...command],
    interval: interval(flags, "interval"),
    timeout: interval(flags, "timeout"),
    startPeriod: interval(flags, "start-period"),
    startInterval: interval(flags, "start-interval"),
    retries: retries(flags.get("retries")),
  };
}

function readFlags(flags: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const flag of flags) {
    const [, name = "", value = ""] = /^--([^=]+)=([^]*)$/.exec(flag) ?? [];
    if (!["interval", "timeout", "start-period", "start-interval", "retries"].includes(name)) {
      throw new ToolError("invalid-argument", `flag provided but not defined: ${flag.replace(/^-/, "")}`);
    }
    values.set(name, value);
  }
  return values;
}

function retries(text: string | undefined): number {
  if (text === undefined || text === "") return 0;
  const value = Number(text);
  if (!Number.isInteger(value)) throw new ToolError("invalid-argument", `--retries: ${JSON.stringify(text)} is no number`);
  if (value < 1) throw new ToolError("invalid-argument", `--retries must be at least 1 (not ${value})`);
  return value;
}

function interval(flags: ReadonlyMap<string, string>, name: string): number {
  const text = flags.get(name);
  if (text === undefined || text === "") return 0;
  const nanoseconds = parseGoDuration(text);
  if (nanoseconds === undefined) throw new ToolError("invalid-argument", `time: invalid duration ${JSON.stringify(text)}`);
  if (nanoseconds <= 0) throw new ToolError("invalid-argument", `Interval ${JSON.stringify(name)} must be positive`);
  return nanoseconds;
}

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Go's time.ParseDuration in nanoseconds; undefined when malformed. */
export function parseGoDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const [, sign = "", body = ""] = /^([+-]?)(.+)$/.exec(text) ?? [];
  const parts = body.match(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g);
  if (parts === null || parts.join("") !== body) return undefined;
  const total = parts.reduce((sum, part) => sum + Number.parseFloat(part) * (UNITS[part.replace(/^[\d.]+/, "")] ?? 0), 0);
  return sign === "-" ? -total : total;
}
