import { describe, expect, it } from "vitest";
import { eventFilter } from "./event-filters.ts";
import type { Event } from "./event-log.ts";
import { eventJson, eventText } from "./show-event.ts";

const start: Event = {
  type: "container",
  status: "start",
  id: "bf6042a858304da652e000f9bef41ad5f62052fe7bfebea2420c0b7765952ad7",
  image: "quay.io/demo/bb:latest",
  name: "c_full",
  time: "2026-11-21T04:46:45.625192170Z",
  attributes: { L: "M" },
};
const created: Event = {
  type: "network",
  status: "create",
  id: "a7",
  network: "n1",
  time: "2026-11-21T04:46:45Z",
  attributes: { driver: "bridge" },
};

describe("shown events", () => {
  it("are the original's lines of text", () => {
    expect(eventText(start, true)).toBe(
      "2026-11-21 04:46:45.62519217 +0000 UTC container start bf6042a85830 (image=quay.io/demo/bb:latest, name=c_full, L=M)",
    );
    expect(eventText(created)).toBe("2026-11-21 04:46:45 +0000 UTC network create a7 (name=n1, type=bridge)");
    expect(eventText({ ...created, status: "connect", id: "bf" })).toBe(
      "2026-11-21 04:46:45 +0000 UTC network connect bf (container=bf, name=n1)",
    );
    expect(eventText({ type: "volume", status: "remove", name: "v1", time: created.time })).toBe(
      "2026-11-21 04:46:45 +0000 UTC volume remove v1",
    );
  });

  it("are the original's lines of JSON, to the nanosecond", () => {
    expect(eventJson({ ...start, id: "bf" })).toBe(
      '{"ID":"bf","Image":"quay.io/demo/bb:latest","Name":"c_full","Status":"start","time":1795236405,"timeNano":1795236405625192170,"Type":"container","Attributes":{"L":"M"}}',
    );
    expect(eventJson({ type: "secret", status: "create", id: "5", time: created.time })).toBe(
      '{"ID":"5","Status":"create","time":1795236405,"timeNano":1795236405000000000,"Type":"secret","Attributes":null}',
    );
  });

  it("are chosen by filters: one value of each key must fit", () => {
    const chosen = (...filters: string[]) => [start, created].filter(eventFilter(filters)).map(({ status }) => status);
    expect(chosen("event=start", "event=create")).toEqual(["start", "create"]);
    expect(chosen("event=start", "type=network")).toEqual([]);
    expect(chosen("container=bf60")).toEqual(["start"]);
    expect(chosen("label=L=M")).toEqual(["start"]);
    expect(chosen("label=L=N")).toEqual([]);
    expect(() => eventFilter(["foo=bar"])).toThrow("failed to parse event filters: foo is an invalid filter");
  });
});
