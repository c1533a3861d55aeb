import { SOCK_DGRAM } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { MonitorOptions } from "../options.ts";
import type { LogDriver, StreamName } from "./log-driver.ts";

const JOURNAL_SOCKET = "/run/systemd/journal/socket";
const NEWLINE = 10;
/** A line longer than this is sent in pieces marked CONTAINER_PARTIAL_MESSAGE. */
const LONGEST_PIECE = 8192;
/** LOG_INFO and LOG_ERR. */
const PRIORITY = { stdout: 6, stderr: 3 } as const;
const SHORT_ID_LENGTH = 12;
/** A field that may hold anything has its length in front, as 64 bits. */
const LENGTH_SIZE = 8;

/** One stream's record: its fields, which end where the message begins, and behind them what there is of the message. Used again for every record. */
interface PendingRecord {
  readonly buffer: Buffer;
  readonly heads: { readonly whole: Buffer; readonly partial: Buffer };
  /** Bytes of the message. */
  length: number;
}

/** The journal's own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram of fields for each line. */
export class JournaldLog implements LogDriver {
  readonly #sys: MonitorSys;
  readonly #socketPath: string;
  readonly #records: Readonly<Record<StreamName, PendingRecord>>;
  /** Where messages begin in the records. */
  readonly #messageAt: number;
  #socket: number | undefined;

  constructor(
    sys: MonitorSys,
    options: Pick<MonitorOptions, "cid" | "name" | "logTag" | "logLabels" | "noContainerPartialMessage">,
    socketPath = JOURNAL_SOCKET,
  ) {
    this.#sys = sys;
    this.#socketPath = socketPath;
    const short = options.cid.slice(0, SHORT_ID_LENGTH);
    const fields = Buffer.concat([
      field("CONTAINER_ID_FULL", options.cid),
      field("CONTAINER_ID", short),
      ...(options.name === undefined ? [] : [field("CONTAINER_NAME", options.name)]),
      ...(options.logTag === undefined ? [] : [field("CONTAINER_TAG", options.logTag)]),
      field("SYSLOG_IDENTIFIER", options.logTag ?? options.name ?? short),
      ...options.logLabels.map((label) => field(label.slice(0, label.indexOf("=")), label.slice(label.indexOf("=") + 1))),
    ]);
    const partialMark = options.noContainerPartialMessage ? [] : [field("CONTAINER_PARTIAL_MESSAGE", "true")];
    const head = (stream: StreamName, marks: readonly Buffer[]) =>
      Buffer.concat([field("PRIORITY", String(PRIORITY[stream])), fields, ...marks, Buffer.from("MESSAGE\n"), Buffer.alloc(LENGTH_SIZE)]);
    this.#messageAt = head("stdout", partialMark).length;
    const record = (stream: StreamName): PendingRecord => ({
      // one more for the newline of the line, and one for that of the protocol
      buffer: Buffer.allocUnsafeSlow(this.#messageAt + LONGEST_PIECE + 2),
      heads: { whole: head(stream, []), partial: head(stream, partialMark) },
      length: 0,
    });
    this.#records = { stdout: record("stdout"), stderr: record("stderr") };
  }

  write(stream: StreamName, buffer: Buffer, start: number, end: number): void {
    const record = this.#records[stream];
    let at = start;
    while (at < end) {
      const newline = buffer.indexOf(NEWLINE, at);
      const complete = newline >= 0 && newline < end;
      const pieceEnd = Math.min(complete ? newline : end, at + LONGEST_PIECE - record.length);
      buffer.copy(record.buffer, this.#messageAt + record.length, at, pieceEnd);
      record.length += pieceEnd - at;
      at = pieceEnd;
      if (complete && at === newline) {
        // part of the message, as the original has it
        record.buffer[this.#messageAt + record.length++] = NEWLINE;
        this.#send(record, record.heads.whole);
        at++;
      } else if (record.length >= LONGEST_PIECE) {
        this.#send(record, record.heads.partial);
      }
    }
  }

  flush(): void {
    for (const record of [this.#records.stdout, this.#records.stderr]) if (record.length > 0) this.#send(record, record.heads.partial);
  }

  reopen(): void {
    // the journal rotates itself
  }

  trim(): void {
    // two records of 8 KiB
  }

  sync(): void {
    // the journal writes to disk on its own terms
  }

  /** Sends the record with this head; whatever happens it is empty afterwards. */
  #send(record: PendingRecord, head: Buffer): void {
    const { buffer, length } = record;
    const start = this.#messageAt - head.length;
    record.length = 0;
    head.copy(buffer, start);
    buffer.writeUInt32LE(length, this.#messageAt - LENGTH_SIZE);
    buffer[this.#messageAt + length] = NEWLINE;
    this.#sendRecord(buffer, start, head.length + length + 1);
  }

  /** A journal that is not there is no error, as for every program that logs to it; one that was restarted gets a second try. */
  #sendRecord(buffer: Buffer, start: number, length: number): void {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#socket ??= connect(this.#sys, this.#socketPath);
        this.#sys.send(this.#socket, buffer, start, length, 0);
        return;
      } catch (error) {
        this.#disconnect();
        const code = errnoCode(error);
        const gone = code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTCONN";
        if (!gone) throw error;
        if (attempt === 2) return;
      }
    }
  }

  #disconnect(): void {
    if (this.#socket !== undefined) this.#sys.close(this.#socket);
    this.#socket = undefined;
  }
}

function connect(sys: MonitorSys, path: string): number {
  const socket = sys.unixSocket(SOCK_DGRAM);
  try {
    sys.connect(socket, path);
    return socket;
  } catch (error) {
    sys.close(socket);
    throw error;
  }
}

/** `NAME=value\n`, or with the length in front where the value holds a newline. */
function field(name: string, value: string): Buffer {
  if (!value.includes("\n")) return Buffer.from(`${name}=${value}\n`);
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(LENGTH_SIZE);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")]);
}
