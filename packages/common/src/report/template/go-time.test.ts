import { expect, test } from "vitest";
import { toJson } from "../json.ts";
import { GoTime } from "./go-time.ts";
import { formatValue } from "./go-value.ts";

const time = new GoTime("2026-11-02T03:04:05.120000009Z");

test("a time is printed as Go does, and stays in JSON as it was", () => {
  expect(formatValue(time)).toBe("2026-11-02 03:04:05.120000009 +0000 UTC");
  expect(formatValue([new GoTime("2026-11-02T03:04:05Z")])).toBe("[2026-11-02 03:04:05 +0000 UTC]");
  expect(formatValue(new GoTime("0001-01-01T00:00:00Z"))).toBe("0001-01-01 00:00:00 +0000 UTC");
  expect(toJson({ time }, { indent: 0 })).toBe('{"time":"2026-11-02T03:04:05.120000009Z"}');
});

test("a time has the methods of Go's", () => {
  expect([time.Unix(), time.UnixNano(), time.Nanosecond(), time.Year(), time.Month(), time.Day()]).toEqual([
    1793588645,
    1793588645120000009n,
    120000009,
    2026,
    11,
    2,
  ]);
  expect(time.IsZero()).toBe(false);
  expect(new GoTime("0001-01-01T00:00:00Z").IsZero()).toBe(true);
});

test.each([
  ["2006-01-02T15:04:05Z07:00", "2026-11-02T03:04:05Z"],
  ["2006-01-02T15:04:05.999999999Z07:00", "2026-11-02T03:04:05.120000009Z"],
  ["Mon Jan _2 15:04:05 MST 2006", "Mon Nov  2 03:04:05 UTC 2026"],
  ["Monday, 02-Jan-06 15:04:05 -0700", "Monday, 02-Nov-26 03:04:05 +0000"],
  ["3:04PM .000 .99", "3:04AM .120 .12"],
])("layout %s gives %s", (layout, text) => {
  expect(time.Format(layout)).toBe(text);
});
