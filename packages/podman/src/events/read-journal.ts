import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import { runSync } from "@containers/common/process/run";
import { rootlessUid } from "@containers/common/rootless/rootless";
import type { Event, EventLog } from "./event-log.ts";
import { eventOfFields } from "./journal-fields.ts";

/** Milliseconds between looks at a journal that is followed. */
const INTERVAL = 200;

type ReadOptions = Parameters<EventLog["read"]>[0];

/** The user's events in the system's journal, through journalctl(1), oldest first. */
export async function* readJournalEvents(options: ReadOptions): AsyncGenerator<Event> {
  let cursor: string | undefined;
  for (;;) {
    for (const record of readJournal(options, cursor)) {
      cursor = record["__CURSOR"] ?? cursor;
      const event = eventOfFields(record);
      if (event !== undefined && isWithin(event, options)) yield event;
    }
    const past = options.until !== undefined && Date.now() > options.until;
    if (options.follow !== true || past || options.signal?.aborted === true) return;
    await delay(INTERVAL);
  }
}

function readJournal(options: ReadOptions, after: string | undefined): Array<Record<string, string>> {
  // The journal's clock is that of the record's arrival, a little later than the event's.
  const since = after === undefined && options.since !== undefined ? [`--since=@${Math.floor(options.since / 1000)}`] : [];
  const { exitCode, stdout, stderr } = runSync("journalctl", [
    "--quiet",
    "--no-pager",
    "--output=json",
    "--all",
    ...(after === undefined ? since : [`--after-cursor=${after}`]),
    "SYSLOG_IDENTIFIER=podman",
    // Root may read everybody's records, and wants its own.
    `_UID=${rootlessUid()}`,
  ]);
  if (exitCode !== 0) throw new ToolError("unavailable", `reading the journal: ${stderr.toString().trim()}`);
  return stdout
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => textFields(JSON.parse(line)));
}

/** journalctl prints what is not UTF-8 as a list of bytes; fields that are none are no concern of ours. */
function textFields(record: unknown): Record<string, string> {
  if (typeof record !== "object" || record === null) return {};
  return Object.fromEntries(Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function isWithin(event: Event, options: ReadOptions): boolean {
  const at = Date.parse(event.time);
  return at >= (options.since ?? 0) && at <= (options.until ?? Number.POSITIVE_INFINITY);
}
