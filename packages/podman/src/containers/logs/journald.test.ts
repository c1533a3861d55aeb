import { expect, test } from "vitest";
import { parseJournalRecord } from "./journald.ts";

const record = { __CURSOR: "s=1", __REALTIME_TIMESTAMP: "1600000000000123", PRIORITY: "6", MESSAGE: "hello" };

test("a record is a line with its time", () => {
  expect(parseJournalRecord(JSON.stringify(record))).toEqual({
    cursor: "s=1",
    line: { time: "2020-09-13T12:26:40.000123000+00:00", stream: "stdout", text: "hello", partial: false },
  });
});

test("errors, bytes and pieces of lines", () => {
  const told = { ...record, PRIORITY: "3", MESSAGE: [104, 105], CONTAINER_PARTIAL_MESSAGE: "true" };
  expect(parseJournalRecord(JSON.stringify(told))?.line).toMatchObject({ stream: "stderr", text: "hi", partial: true });
});

test("what has no message is none", () => {
  expect(parseJournalRecord(JSON.stringify({ ...record, MESSAGE: null }))).toBeUndefined();
  expect(parseJournalRecord("")).toBeUndefined();
});
