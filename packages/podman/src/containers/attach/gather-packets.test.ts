import { recordingSys } from "@containers/common/sys/recording";
import { describe, expect, it } from "vitest";
import { packetGatherer } from "./gather-packets.ts";

/** A socket at which these packets wait, each received once; an empty text is a moment when none is there. */
const sysWith = (waiting: string[], poll: () => number = () => 0) =>
  recordingSys({
    recv: (_fd, buffer, offset) => Buffer.from(buffer.buffer, buffer.byteOffset).write(waiting.shift() ?? "", offset, "latin1"),
    poll,
  });

describe("packets of an attach socket", () => {
  it("come as few pieces, in their order, one stream at a time", () => {
    const waiting = ["\x02two", "\x03bad", "\x03 worse", "\x02", "\x02three"];
    const sys = sysWith(waiting);
    const pieces: string[] = [];
    packetGatherer(sys, 5).gather(Buffer.from("\x02one "), (stream, bytes) => pieces.push(`${stream} ${Buffer.from(bytes).toString()}`));
    expect(pieces).toEqual(["2 one two", "3 bad worse", "2 three"]);
  });

  it("are waited for while they flood in, and for no longer than output keeps coming", () => {
    const large = `\x02${"x".repeat(60_000)}`;
    const waiting = [large, "", large, "\x03error", "", large, ""];
    let polled = 0;
    const sys = sysWith(waiting, () => (waiting.length > 0 && ++polled < 10 ? 1 : 0));
    const pieces: string[] = [];
    packetGatherer(sys, 5).gather(Buffer.from(large), (stream, bytes) => pieces.push(`${stream} ${bytes.length}`));
    expect(pieces).toEqual(["2 120000", "2 60000", "3 5", "2 60000"]);
    expect(polled).toBe(2);
    const little = sysWith(["\x02more"], () => 1);
    packetGatherer(little, 5).gather(Buffer.from("\x02some"), () => undefined);
    expect(little.calls.filter(({ name }) => name === "poll")).toEqual([]);
  });
});
