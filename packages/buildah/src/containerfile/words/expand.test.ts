import { describe, expect, it } from "vitest";
import { expandHeredoc, expandWord, expandWords } from "./expand.ts";

const env = ["A=value", "EMPTY=", "PATHS=/usr/lib/x.so", "N=1 2", "A=second"];

describe("expandWord", () => {
  it.each([
    ["$A", "value"],
    ["${A}", "value"],
    ["x${A}y$A", "xvalueyvalue"],
    ["'$A'", "$A"],
    ['"$A b"', "value b"],
    ["\\$A", "$A"],
    ['"\\$A \\n"', "$A \\n"],
    ["$NONE", ""],
    ["${NONE:-x}", "x"],
    ["${EMPTY:-x}", "x"],
    ["${A:-x}", "value"],
    ["${A:+set}", "set"],
    ["${EMPTY:+set}", ""],
    ["${NONE:-$A}", "value"],
    ["${NONE:-${EMPTY:-deep}}", "deep"],
    ["${A:?needed}", "value"],
    ["${PATHS#*/}", "usr/lib/x.so"],
    ["${PATHS##*lib}", "/usr/lib/x.so"],
    ["${PATHS%.so}", "/usr/lib/x"],
    ["${A/al/AL}", "vALue"],
    ["${PATHS//\\//-}", "-usr-lib-x.so"],
    ["${A/#v/V}", "Value"],
    ["${A/%e/E}", "valuE"],
    ["$", "$"],
    ["$1x", "x"],
    ["a\\ b", "a b"],
    ["tail\\", "tail"],
  ])("%s", (word, expected) => {
    expect(expandWord(word, env)).toBe(expected);
  });

  it.each(["${A", "'open", '"open', "${NONE:?}", "${A:x}", "${A^}"])("refuses %s", (word) => {
    expect(() => expandWord(word, env)).toThrow();
  });
});

it("splits unquoted white space that comes out of variables", () => {
  expect(expandWords("$N", env)).toEqual(["1", "2"]);
  expect(expandWords('"$N"', env)).toEqual(["1 2"]);
});

it("leaves quotes and escapes of here-documents alone", () => {
  expect(expandHeredoc("\"$A\" '$A' \\n \\$A", env)).toBe("\"value\" 'value' \\n $A");
});
