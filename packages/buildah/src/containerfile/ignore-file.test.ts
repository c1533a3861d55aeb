import { describe, expect, it } from "vitest";
import { compileIgnoreRules, isIgnored, mayHoldExceptions, readIgnoreLines } from "./ignore-file.ts";

const ignored = (lines: readonly string[], path: string) => isIgnored(compileIgnoreRules(lines), path);

describe("isIgnored", () => {
  it.each([
    [["*.log"], "a.log", true],
    [["*.log"], "d/a.log", false],
    [["**/*.log"], "a.log", true],
    [["**/*.log"], "d/e/a.log", true],
    [["dir"], "dir/a", true],
    [["dir/"], "dir/a", true],
    [["/dir"], "dir", true],
    [["dir/*"], "dir", false],
    [["*", "!keep"], "keep", false],
    [["*", "!keep"], "other", true],
    [["*", "!dir/file"], "dir/file", false],
    [["*", "!dir/file"], "dir/other", true],
    [["a", "!a", "a"], "a", true],
    [["d/../x"], "x", true],
    [["foo**"], "foobar/baz", true],
    [["?.c"], "x.c", true],
  ] as const)("%j on %s: %s", (lines, path, expected) => {
    expect(ignored(readIgnoreLines(lines.join("\n")), path)).toBe(expected);
  });
});

it("drops comments and empty lines", () => {
  expect(readIgnoreLines("# no\n\n/a/\r\n!b\n")).toEqual(["a", "!b"]);
});

it("knows where an exception may be", () => {
  const rules = compileIgnoreRules(["dir", "!dir/sub/file"]);
  expect(mayHoldExceptions(rules, "dir")).toBe(true);
  expect(mayHoldExceptions(rules, "dir/sub")).toBe(true);
  expect(mayHoldExceptions(rules, "other")).toBe(false);
});
