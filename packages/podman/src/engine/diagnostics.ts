import { writeSync } from "node:fs";
import { isTerminal } from "@containers/common/cli/output";
import { MSG_DONTWAIT, SOCK_DGRAM } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";

/** Messages for whoever wants to know what the program does: on standard error, in the form of the original's. They fail nothing. */
export interface Diagnostics {
  warn(message: string): void;
  info(message: string): void;
  /** The text is made only when it is wanted. */
  debug(message: () => string): void;
  trace(message: () => string): void;
}

const LEVELS = ["panic", "fatal", "error", "warning", "info", "debug", "trace"] as const;
type Level = (typeof LEVELS)[number];
/** LOG_USER and a severity. */
const PRIORITIES: Readonly<Record<Level, number>> = { panic: 8, fatal: 10, error: 11, warning: 12, info: 14, debug: 15, trace: 15 };

/** Messages of at least the level that `--log-level` names; with `--syslog` they go to the system log too. */
export function openDiagnostics(settings: { readonly logLevel?: string; readonly syslog?: boolean }): Diagnostics {
  const shown = rank(settings.logLevel ?? "warning");
  const emit = (level: Level, message: string): void => {
    writeQuietly(`${line(level, message)}\n`);
    if (settings.syslog === true) sendToSyslog(PRIORITIES[level], message);
  };
  const from = (level: Level): ((message: string) => void) => (rank(level) <= shown ? (message) => emit(level, message) : () => undefined);
  const lazily = (level: Level): ((message: () => string) => void) => {
    const say = from(level);
    return rank(level) <= shown ? (message) => say(message()) : () => undefined;
  };
  return {
    warn: from("warning"),
    info: from("info"),
    debug: lazily("debug"),
    trace: lazily("trace"),
  };
}

function rank(name: string): number {
  return LEVELS.indexOf((name === "warn" ? "warning" : name) as Level);
}

/** Short for a terminal, with key and value for everything else. */
function line(level: Level, message: string): string {
  if (isTerminal(2))
    return `${level.slice(0, 4).toUpperCase()}[${String(Math.floor(performance.now() / 1000)).padStart(4, "0")}] ${message}`;
  return `time=${JSON.stringify(new Date().toISOString().replace(/\.\d+Z$/, "Z"))} level=${level} msg=${JSON.stringify(message)}`;
}

function writeQuietly(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody reads it.
  }
}

function sendToSyslog(priority: number, message: string): void {
  const sys = linuxSys();
  try {
    const fd = sys.unixSocket(SOCK_DGRAM);
    try {
      sys.connect(fd, "/dev/log");
      const record = Buffer.from(`<${priority}>podman[${process.pid}]: ${message}`);
      sys.send(fd, record, 0, record.length, MSG_DONTWAIT);
    } finally {
      sys.close(fd);
    }
  } catch {
    // There is no system log here.
  }
}
