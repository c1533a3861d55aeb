import { describe, expect, it } from "vitest";
import { matches, parseTranscript } from "./transcript.ts";

const none = new Map<string, string>();

describe("a transcript", () => {
  it("is commands, their continuation, output and exit code", () => {
    expect(
      parseTranscript(`
        # prose
        $ cat > x <<EOF
        > hello
        >   there
        > EOF

        $ podman logs nobody  # soon
        Error: ... no such container
        [exit 125]
      `),
    ).toEqual([
      { command: "cat > x <<EOF\nhello\n  there\nEOF", expected: [], exitCode: 0, soon: false },
      { command: "podman logs nobody", expected: ["Error: ... no such container"], exitCode: 125, soon: true },
    ]);
    expect(() => parseTranscript("hello")).toThrow("starts with a command");
  });

  it("compares what a person would see", () => {
    expect(matches("NAME    PORT\r\n\nweb     80\n", ["NAME PORT", "web  80"], none)).toBe(true);
    expect(matches("a\nb\nc\n", ["a", "..."], none)).toBe(true);
    expect(matches("a\n", ["a", "..."], none)).toBe(true);
    expect(matches("a\nb\n", ["a"], none)).toBe(false);
    expect(matches("", [], none)).toBe(true);
    expect(matches(`${"a1".repeat(32)}\n`, ["<id>"], none)).toBe(true);
    expect(matches("0123456789ab up 3 seconds\n", ["<short id> up <some time>"], none)).toBe(true);
    expect(matches("port 8081.\n", ["port $PORT."], new Map([["PORT", "8081"]]))).toBe(true);
    expect(matches("port 80810\n", ["port $PORT"], new Map([["PORT", "8081"]]))).toBe(false);
  });
});
