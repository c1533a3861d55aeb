import type { Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";

const LEVELS = ["trace", "debug", "info", "warn", "warning", "error", "fatal", "panic"];

/** What is said beside a command's output and its error, as `--log-level` or `--debug` wants it. */
export interface Messages {
  warn(message: string): void;
  /** Absent when nobody listens. */
  debug?(message: () => string): void;
}

/** The messages of an invocation, as logrus prints them on standard error. Throws invalid-argument for a level that there is not. */
export function messagesOf({ globals, out }: Pick<Invocation<Readonly<Record<string, unknown>>>, "globals" | "out">): Messages {
  const rank = LEVELS.indexOf(logLevel(globals));
  const say = (level: string, message: string): void =>
    out.stderr(`time="${new Date().toISOString().slice(0, 19)}Z" level=${level} msg=${JSON.stringify(message)}\n`);
  return {
    warn: (message) => {
      if (rank <= LEVELS.indexOf("warning")) say("warning", message);
    },
    ...(rank <= LEVELS.indexOf("debug") ? { debug: (message: () => string) => say("debug", message()) } : {}),
  };
}

/** The level that the global flags name. */
export function logLevel(globals: Readonly<Record<string, unknown>>): string {
  if (globals["debug"] === true) return "debug";
  const level = String(globals["logLevel"] ?? "warn").toLowerCase();
  if (LEVELS.includes(level)) return level;
  throw new ToolError("invalid-argument", `unable to parse log level: not a valid logrus Level: ${JSON.stringify(level)}`, {
    hint: `choose one of ${LEVELS.join(", ")}`,
  });
}
