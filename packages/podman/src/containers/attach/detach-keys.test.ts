import { describe, expect, it } from "vitest";
import { detachScanner, parseDetachKeys } from "./detach-keys.ts";

const scan = (keys: string, ...inputs: string[]) => {
  const scanner = detachScanner(parseDetachKeys(keys));
  return inputs.map((input) => {
    const { forward, detached } = scanner(Buffer.from(input, "latin1"));
    return `${Buffer.from(forward).toString("latin1")}${detached ? "<detached>" : ""}`;
  });
};

describe("detach keys", () => {
  it("parses control keys and plain ones", () => {
    expect(parseDetachKeys("ctrl-p,ctrl-q")).toEqual([16, 17]);
    expect(parseDetachKeys("a,ctrl-]")).toEqual([97, 29]);
    expect(parseDetachKeys("")).toEqual([]);
    expect(() => parseDetachKeys("ctrl-p,nokey")).toThrow(/invalid detach keys/);
  });

  it("finds the sequence, also across reads", () => {
    expect(scan("ctrl-p,ctrl-q", "ab\x10\x11cd")).toEqual(["ab<detached>"]);
    expect(scan("ctrl-p,ctrl-q", "ab\x10", "\x11")).toEqual(["ab", "<detached>"]);
  });

  it("hands on what was held back when the sequence is broken", () => {
    expect(scan("ctrl-p,ctrl-q", "\x10", "x")).toEqual(["", "\x10x"]);
    expect(scan("ctrl-p,ctrl-q", "\x10\x10\x11")).toEqual(["\x10<detached>"]);
  });

  it("hands everything on without keys", () => {
    expect(scan("", "\x10\x11")).toEqual(["\x10\x11"]);
  });
});
