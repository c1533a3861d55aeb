import { expect, test } from "vitest";
import { parseJournalRecord, readTail } from "./journald.ts";

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

test("the end of a line is not its text, one of several in it is", () => {
  expect(parseJournalRecord(JSON.stringify({ ...record, MESSAGE: "hello\n" }))?.line.text).toBe("hello");
  expect(parseJournalRecord(JSON.stringify({ ...record, MESSAGE: "\n" }))?.line.text).toBe("");
});

test("the last lines, however many records they are in", () => {
  const records = ["F", "P", "P", "P", "P", "P", "F", "F", "P"].map((tag, id) => ({ id, line: { partial: tag === "P" } }));
  const tail = (count: number) =>
    readTail((most) => (most === 0 ? [] : records.slice(-most)), count)
      .map(({ id }) => id)
      .join("");
  expect([1, 2, 3, 9].map(tail)).toEqual(["78", "12345678", "012345678", "012345678"]);
});
