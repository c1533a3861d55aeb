import { SOCK_DGRAM } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { timestamp } from "../containers/timestamp.ts";
import type { EventLog } from "./event-log.ts";
import { eventFields } from "./journal-fields.ts";

const SOCKET = "/run/systemd/journal/socket";

/** The `journald` backend: events are records of the system's journal, with the fields that the original gives and looks for. */
export function journaldEventLog(sys: Sys, socketPath: string = SOCKET): EventLog {
  return {
    backend: "journald",
    write(event) {
      try {
        send(sys, socketPath, eventFields({ ...event, time: event.time ?? timestamp() }));
      } catch {
        // An event that cannot be noted must not fail the deed itself.
      }
    },
    // Reading starts a program; no command that only writes is to load what that takes.
    async *read(options) {
      yield* (await import("./read-journal.ts")).readJournalEvents(options);
    },
  };
}

function send(sys: Sys, socketPath: string, fields: Readonly<Record<string, string>>): void {
  const socket = sys.unixSocket(SOCK_DGRAM);
  try {
    sys.connect(socket, socketPath);
    const record = Buffer.concat(Object.entries(fields).map(([name, value]) => field(name, value)));
    sys.send(socket, record, 0, record.length, 0);
  } finally {
    sys.close(socket);
  }
}

/** systemd.io/JOURNAL_NATIVE_PROTOCOL: a value of several lines goes with its length. */
function field(name: string, value: string): Buffer {
  if (!value.includes("\n")) return Buffer.from(`${name}=${value}\n`);
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")]);
}
