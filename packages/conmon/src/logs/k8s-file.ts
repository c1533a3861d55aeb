import { AT_EMPTY_PATH, AT_FDCWD, O_APPEND, O_CREAT, O_WRONLY } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { MonitorError } from "../diagnostics.ts";
import type { MonitorOptions } from "../options.ts";
import type { LogDriver, StreamName } from "./log-driver.ts";
import { LOG_MODE, startLogAnew } from "./rotation.ts";
import { LogClock, STAMP_LENGTH } from "./timestamp.ts";

/** ` stdout F ` behind the time stamp. */
const PREFIX_LENGTH = STAMP_LENGTH + 10;
/** Where `F` or `P` stands in it. */
const TAG_AT = STAMP_LENGTH + 8;
const FULL = 70;
const PARTIAL = 80;
const NEWLINE = 10;
const LINE_END = Buffer.of(NEWLINE);
/** Lines are put together here and written at once; larger than one read with its prefixes in the usual case. */
const BATCH_SIZE = 256 * 1024;

type Limits = Pick<MonitorOptions, "logSizeMax" | "logGlobalSizeMax" | "logRotate" | "logMaxFiles">;

/**
 * Kubernetes' log format: `TIME STREAM F|P CONTENT`, a line for each line of output. `P` marks one that had no newline (yet): its
 * continuation follows as a line of its own.
 */
export class K8sFileLog implements LogDriver {
  readonly #path: string;
  readonly #limits: Limits;
  readonly #clock: LogClock;
  readonly #sys: MonitorSys;
  readonly #prefixes: Readonly<Record<StreamName, Buffer>> = { stdout: prefixFor("stdout"), stderr: prefixFor("stderr") };
  #descriptor: number;
  /** Made with the first output: a silent container's monitor stays small. */
  #batch: Buffer | undefined;
  #used = 0;
  #fileSize: number;
  #totalSize: number;
  /** A write ended in the middle of a line, on a full disk: the next one starts with a newline. */
  #torn = false;

  constructor(sys: MonitorSys, path: string, limits: Limits) {
    this.#sys = sys;
    this.#path = path;
    this.#limits = limits;
    this.#clock = new LogClock(sys);
    this.#descriptor = openLog(sys, path);
    this.#fileSize = sys.fstatat(this.#descriptor, "", AT_EMPTY_PATH).size;
    this.#totalSize = this.#fileSize;
  }

  write(stream: StreamName, buffer: Buffer, start: number, end: number): void {
    const prefix = this.#prefixes[stream];
    this.#clock.stamp(prefix);
    let at = start;
    while (at < end && !this.#overGlobalLimit()) {
      const newline = buffer.indexOf(NEWLINE, at);
      const complete = newline >= 0 && newline < end;
      const lineEnd = complete ? newline + 1 : end;
      prefix[TAG_AT] = complete ? FULL : PARTIAL;
      this.#addLine(prefix, buffer, at, lineEnd);
      at = lineEnd;
    }
    this.#writeBatch();
  }

  flush(): void {
    // every line, complete or not, was written with the read that brought it
  }

  reopen(): void {
    this.#startAnew(0);
  }

  trim(): void {
    this.#batch = undefined;
  }

  sync(): void {
    this.#sys.fsync(this.#descriptor);
  }

  #addLine(prefix: Buffer, buffer: Buffer, start: number, end: number): void {
    const complete = prefix[TAG_AT] === FULL;
    const size = PREFIX_LENGTH + end - start + (complete ? 0 : 1);
    if (this.#limits.logSizeMax > 0 && this.#fileSize + size > this.#limits.logSizeMax) {
      this.#writeBatch();
      this.#startAnew(this.#limits.logRotate ? this.#limits.logMaxFiles : 0);
    }
    const batch = (this.#batch ??= Buffer.allocUnsafeSlow(BATCH_SIZE));
    if (this.#used + size > batch.length) this.#writeBatch();
    prefix.copy(batch, this.#used);
    buffer.copy(batch, this.#used + PREFIX_LENGTH, start, end);
    this.#used += size;
    if (!complete) batch[this.#used - 1] = NEWLINE;
    this.#fileSize += size;
    this.#totalSize += size;
  }

  #startAnew(backups: number): void {
    this.#descriptor = startLogAnew(this.#sys, { path: this.#path, descriptor: this.#descriptor }, backups);
    this.#fileSize = 0;
  }

  #overGlobalLimit(): boolean {
    return this.#limits.logGlobalSizeMax > 0 && this.#totalSize >= this.#limits.logGlobalSizeMax;
  }

  /** Whatever happens the batch is empty afterwards: output that does not fit on the disk is lost, the container goes on. */
  #writeBatch(): void {
    const batch = this.#batch;
    const length = this.#used;
    this.#used = 0;
    if (batch === undefined || length === 0) return;
    if (this.#torn) this.#sys.write(this.#descriptor, LINE_END, 0, 1);
    this.#torn = false;
    let written = 0;
    try {
      while (written < length) written += this.#sys.write(this.#descriptor, batch, written, length - written);
    } finally {
      this.#torn = written < length && written > 0 && batch[written - 1] !== NEWLINE;
    }
  }
}

/** What stands in front of a line of this stream; the time and the tag are filled in later. */
function prefixFor(stream: StreamName): Buffer {
  return Buffer.from(`${" ".repeat(STAMP_LENGTH)} ${stream} F `, "latin1");
}

/** Also used before this process detaches, so that a bad path is reported to whoever started it. Throws MonitorError. */
export function openLog(sys: MonitorSys, path: string): number {
  try {
    return sys.openat2(AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT, LOG_MODE, 0);
  } catch (error) {
    throw new MonitorError(`Failed to open log file ${path}`, { cause: error });
  }
}
