import { expect, it } from "vitest";
import { matchGlob } from "./glob.ts";

it.each([
  ["*.txt", "a.txt", true],
  ["*.txt", "d/a.txt", false],
  ["a?c", "abc", true],
  ["a?c", "a/c", false],
  ["[a-c]x", "bx", true],
  ["[^a-c]x", "bx", false],
  ["[^a-c]x", "dx", true],
  ["\\*", "*", true],
  ["\\*", "x", false],
  ["a.b", "axb", false],
  ["d/*", "d/a", true],
  ["[", "[", undefined],
  ["[a", "a", undefined],
  ["[-]", "-", undefined],
  ["a\\", "a", undefined],
  ["$(x)+", "$(x)+", true],
])("%s on %s", (pattern, name, expected) => {
  expect(matchGlob(pattern, name)).toBe(expected);
});
