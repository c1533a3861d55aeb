import { describe, expect, it, test } from "vitest";
import { toYaml } from "./yaml.ts";

/** As the original prints them, all of these values were compared with its output. */
test.each([
  ["", '""'],
  ["it's", "it's"],
  ['"q"', "'\"q\"'"],
  ["#x", "'#x'"],
  ["- y", "'- y'"],
  ["*z", "'*z'"],
  ["true", '"true"'],
  ["y", '"y"'],
  ["On", '"On"'],
  ["1e3", '"1e3"'],
  ["0x1f", '"0x1f"'],
  ["0xZZ", "0xZZ"],
  ["1e", "1e"],
  ["012", '"012"'],
  ["1_000", '"1_000"'],
  ["_1", "_1"],
  [".5", '".5"'],
  ["..", ".."],
  ["...", "'...'"],
  ["---", "'---'"],
  ["--x", "--x"],
  ["-", "'-'"],
  ["-5", '"-5"'],
  ["2001-01-01", '"2001-01-01"'],
  ["1:20", '"1:20"'],
  [".NaN", '".NaN"'],
  ["Null", '"Null"'],
  ["~", '"~"'],
  ["{a}", "'{a}'"],
  ["x,y", "x,y"],
  [",x", "',x'"],
  [" lead", "' lead'"],
  ["trail ", "'trail '"],
  ["a: b", "'a: b'"],
  ["a:", "'a:'"],
  ["a:b", "a:b"],
  ["a #b", "'a #b'"],
  ["a#b", "a#b"],
  ["!t", "'!t'"],
  ["50%", "50%"],
  ["%d", "'%d'"],
  ["?k", "?k"],
  ["=", "="],
  ["<<", "<<"],
  ["é", "é"],
  ["tab\tx", '"tab\\tx"'],
  ["C:\\x", "C:\\x"],
  ["a\rb", '"a\\rb"'],
  ["\x1b[0m", '"\\e[0m"'],
  ["🎉x", '"\\U0001F389x"'],
  ["a\n b\n", "|\n  a\n   b"],
  ["a\nb", "|-\n  a\n  b"],
  ["\nx", "|2-\n\n  x"],
])("writes %j as %s", (text, written) => {
  expect(toYaml({ k: text })).toBe(`k: ${written}\n`);
});

const LONG = "this is a very long string with many words in it so that the line is longer than eighty characters and would be wrapped";

describe("toYaml", () => {
  it("breaks long lines at spaces", () => {
    expect(
      toYaml({
        env: [
          { name: "LONG", value: LONG },
          { name: "Q", value: `a: ${LONG}` },
        ],
      }),
    ).toBe(`env:
- name: LONG
  value: this is a very long string with many words in it so that the line is longer
    than eighty characters and would be wrapped
- name: Q
  value: 'a: this is a very long string with many words in it so that the line is
    longer than eighty characters and would be wrapped'
`);
    expect(toYaml({ u: "x".repeat(200) })).toBe(`u: ${"x".repeat(200)}\n`);
  });

  it("sorts keys, numbers in them by value", () => {
    expect(toYaml({ b: 1, a10: 1, a2: 1, "a/x": 1, _a: [], o: {}, n: null, no: undefined })).toBe(
      '_a: []\na/x: 1\na2: 1\na10: 1\nb: 1\n"n": null\no: {}\n',
    );
  });
});
