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

/** The journal's own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram of fields for each line. */
export class JournaldLog implements LogDriver {
  readonly #sys: MonitorSys;
  readonly #socketPath: string;
  readonly #fields: Buffer;
  readonly #held: Record<StreamName, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  readonly #marksPartial: boolean;
  #socket: number | undefined;

  constructor(
    sys: MonitorSys,
    options: Pick<MonitorOptions, "cid" | "name" | "logTag" | "logLabels" | "noContainerPartialMessage">,
    socketPath = JOURNAL_SOCKET,
  ) {
    this.#sys = sys;
    this.#socketPath = socketPath;
    this.#marksPartial = !options.noContainerPartialMessage;
    const short = options.cid.slice(0, SHORT_ID_LENGTH);
    this.#fields = Buffer.concat([
      field("CONTAINER_ID_FULL", options.cid),
      field("CONTAINER_ID", short),
      ...(options.name === undefined ? [] : [field("CONTAINER_NAME", options.name)]),
      ...(options.logTag === undefined ? [] : [field("CONTAINER_TAG", options.logTag)]),
      field("SYSLOG_IDENTIFIER", options.logTag ?? options.name ?? short),
      ...options.logLabels.map((label) => field(label.slice(0, label.indexOf("=")), label.slice(label.indexOf("=") + 1))),
    ]);
  }

  write(stream: StreamName, buffer: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const newline = buffer.indexOf(NEWLINE, at);
      const complete = newline >= 0 && newline < end;
      const pieceEnd = Math.min(complete ? newline : end, at + LONGEST_PIECE - this.#held[stream].length);
      this.#hold(stream, buffer.subarray(at, pieceEnd));
      at = pieceEnd;
      if (complete && at === newline) {
        this.#send(stream, false);
        at++;
      } else if (this.#held[stream].length >= LONGEST_PIECE) {
        this.#send(stream, true);
      }
    }
  }

  flush(): void {
    for (const stream of ["stdout", "stderr"] as const) if (this.#held[stream].length > 0) this.#send(stream, true);
  }

  reopen(): void {
    // the journal rotates itself
  }

  sync(): void {
    // the journal writes to disk on its own terms
  }

  #hold(stream: StreamName, piece: Buffer): void {
    if (piece.length > 0) this.#held[stream] = Buffer.concat([this.#held[stream], piece]);
  }

  #send(stream: StreamName, partial: boolean): void {
    const message = this.#held[stream];
    this.#held[stream] = Buffer.alloc(0);
    this.#sendRecord(
      Buffer.concat([
        field("MESSAGE", message),
        field("PRIORITY", String(PRIORITY[stream])),
        this.#fields,
        ...(partial && this.#marksPartial ? [field("CONTAINER_PARTIAL_MESSAGE", "true")] : []),
      ]),
    );
  }

  /** A journal that is not there is no error, as for every program that logs to it; one that was restarted gets a second try. */
  #sendRecord(record: Buffer): void {
    for (const attempt of [1, 2]) {
      try {
        this.#socket ??= connect(this.#sys, this.#socketPath);
        this.#sys.send(this.#socket, record, 0, record.length, 0);
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

/** `NAME=value\n`, or with the length in front where the value holds a newline (or is not ours to trust). */
function field(name: string, value: string | Buffer): Buffer {
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  if (!bytes.includes(NEWLINE)) return Buffer.concat([Buffer.from(`${name}=`), bytes, Buffer.from("\n")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")]);
}
