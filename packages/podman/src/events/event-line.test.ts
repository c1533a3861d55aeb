import { describe, expect, it } from "vitest";
import { formatEventLine, parseEventLine } from "./event-line.ts";

describe("event lines", () => {
  it("are those of the original's log", () => {
    const line =
      '{"ContainerExitCode":137,"ID":"bf2a","Image":"localhost/bb:latest","Name":"c2","Status":"remove","Time":"2026-11-21T11:13:26.426607085Z","Type":"container","Attributes":{}}\n';
    const event = parseEventLine(line);
    expect(event).toEqual({
      type: "container",
      status: "remove",
      time: "2026-11-21T11:13:26.426607085Z",
      id: "bf2a",
      name: "c2",
      image: "localhost/bb:latest",
      containerExitCode: 137,
      attributes: {},
    });
    expect(event === undefined ? "" : formatEventLine(event)).toBe(line);
  });

  it("skips what is none", () => {
    expect(parseEventLine('{"torn')).toBeUndefined();
    expect(parseEventLine('{"Type":"comet","Status":"seen","Time":"x"}')).toBeUndefined();
  });
});
