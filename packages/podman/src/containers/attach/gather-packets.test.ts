import { recordingSys } from "@containers/common/sys/recording";
import { describe, expect, it } from "vitest";
import { packetGatherer } from "./gather-packets.ts";

describe("packets of an attach socket", () => {
  it("come as few pieces, in their order, one stream at a time", () => {
    const waiting = ["\x02two", "\x03bad", "\x03 worse", "\x02", "\x02three"];
    const sys = recordingSys({
      recv: (_fd, buffer, offset) => Buffer.from(buffer.buffer, buffer.byteOffset).write(waiting.shift() ?? "", offset, "latin1"),
    });
    const pieces: string[] = [];
    packetGatherer(sys, 5).gather(Buffer.from("\x02one "), (stream, bytes) => pieces.push(`${stream} ${Buffer.from(bytes).toString()}`));
    expect(pieces).toEqual(["2 one two", "3 bad worse", "2 three"]);
  });
});
