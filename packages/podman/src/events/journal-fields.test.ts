import { expect, test } from "vitest";
import type { Event } from "./event-log.ts";
import { eventFields, eventOfFields } from "./journal-fields.ts";

const event: Event = {
  type: "container",
  status: "died",
  id: "a".repeat(64),
  name: "web",
  image: "localhost/web:latest",
  time: "2026-01-02T03:04:05.123456789Z",
  containerExitCode: 7,
  attributes: { colour: "blue" },
};

test("an event comes back out of its journal fields", () => {
  const fields = eventFields(event);
  expect(fields).toMatchObject({
    SYSLOG_IDENTIFIER: "podman",
    PODMAN_EVENT: "died",
    PODMAN_TYPE: "container",
    PODMAN_EXIT_CODE: "7",
    PRIORITY: "6",
  });
  expect(eventOfFields(fields)).toEqual(event);
});

test("without labels there is no field for them", () => {
  expect(eventFields({ ...event, attributes: {} })).not.toHaveProperty("PODMAN_LABELS");
});

test("a record that is no event is none", () => {
  expect(eventOfFields({ SYSLOG_IDENTIFIER: "podman", MESSAGE: "hello" })).toBeUndefined();
});
