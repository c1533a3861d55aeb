import { SOCK_DGRAM } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { writeAll } from "./files.ts";

/** The monitor cannot do its job: the message goes to stderr (and syslog) and the exit status is 1. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";
  /** What stands before the message on stderr. */
  readonly prefix: string;

  constructor(message: string, details: { prefix?: string; cause?: unknown } = {}) {
    super(details.cause instanceof Error ? `${message}: ${details.cause.message}` : message, { cause: details.cause });
    this.prefix = details.prefix ?? "[conmon:e]: ";
  }
}

/** Messages for whoever debugs a monitor. They never stop it: a lost message is better than a lost container. */
export interface Diagnostics {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

const LEVELS: Readonly<Record<string, number>> = {
  panic: 1,
  fatal: 1,
  error: 1,
  warn: 2,
  warning: 2,
  info: 3,
  debug: 4,
  trace: 5,
};
const LETTERS = ["", "e", "w", "i", "d"];
/** LOG_USER | LOG_INFO, the priority that the original gives every message. */
const SYSLOG_PRIORITY = 14;

/** Throws MonitorError for a level that does not exist. Warnings and errors are shown unless told otherwise. */
export function openDiagnostics(sys: MonitorSys, options: { logLevel: string | undefined; syslog: boolean; cid: string }): Diagnostics {
  const shown = options.logLevel === undefined ? 2 : LEVELS[options.logLevel.toLowerCase()];
  if (shown === undefined) throw new MonitorError(`No such log level ${options.logLevel}`);
  const emit = (level: number, message: string) => {
    if (level > shown) return;
    writeQuietly(sys, `[conmon:${LETTERS[level] ?? "d"}]: ${message}\n`);
    if (options.syslog) sendToSyslog(sys, `conmon ${options.cid.slice(0, 20)}: ${message}`);
  };
  return {
    error: (message) => emit(1, message),
    warn: (message) => emit(2, message),
    info: (message) => emit(3, message),
    debug: (message) => emit(4, message),
  };
}

/** The text of whatever was thrown. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function writeQuietly(sys: MonitorSys, text: string): void {
  try {
    writeAll(sys, 2, text);
  } catch {
    // nobody reads our stderr
  }
}

/** One datagram per message on a socket of its own: messages are rare, and a daemon that restarts changes the socket. */
function sendToSyslog(sys: MonitorSys, text: string): void {
  try {
    const fd = sys.unixSocket(SOCK_DGRAM);
    try {
      sys.connect(fd, "/dev/log");
      const record = Buffer.from(`<${SYSLOG_PRIORITY}>conmon[${process.pid}]: ${text}`);
      sys.send(fd, record, 0, record.length, 0x40);
    } finally {
      sys.close(fd);
    }
  } catch {
    // no syslog here
  }
}
