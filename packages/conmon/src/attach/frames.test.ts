import { describe, expect, it } from "vitest";
import { forEachFrame, frameDataFor } from "./frames.ts";

describe("packets of output", () => {
  it("are small for clients in general, and wide for those who ask", () => {
    expect(frameDataFor("")).toBe(8192);
    expect(frameDataFor("/run/some/client")).toBe(8192);
    expect(frameDataFor("\0attach-packets-64k-1")).toBe(65536);
  });

  it("leave the bytes between them as they are, for clients with packets of another size", () => {
    const buffer = Buffer.from("_abcdefgh");
    const cut = (frameData: number): string[] => {
      const packets: string[] = [];
      forEachFrame(buffer, "stderr", { start: 1, end: buffer.length, frameData }, (at, length) =>
        packets.push(buffer.toString("latin1", at, at + length)),
      );
      return packets;
    };
    expect(cut(3)).toEqual(["\x03abc", "\x03def", "\x03gh"]);
    expect(cut(100)).toEqual(["\x03abcdefgh"]);
    expect(cut(8)).toEqual(["\x03abcdefgh"]);
  });
});
