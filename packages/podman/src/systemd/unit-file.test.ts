import { expect, test } from "vitest";
import { addLine, mergeUnit, parseUnitFile, printUnitFile, removeLines, renameSection, setLine } from "./unit-file.ts";
import { allValues, booleanValue, lastValue, listValues, numberValue, pairValues } from "./unit-values.ts";
import { quoteWords, splitWords } from "./unit-words.ts";

const unit = parseUnitFile("# top\n[A]\nx=1\n; in\nx = 2  \nlong=a \\\n# dropped\nb\n\n[B]\ny=\n\n[A]\nx=\nx=3\n", "/d/n.container");

test("a unit is read and printed, a section that comes twice is one", () => {
  expect(unit.name).toBe("n.container");
  expect(printUnitFile(unit)).toBe("# top\n[A]\nx=1\n; in\nx=2\nlong=a b\nx=\nx=3\n\n[B]\ny=\n");
});

test("what is no unit file is refused by its line", () => {
  expect(() => parseUnitFile("[A]\nx=1\nnonsense\n")).toThrow("file contains line 3: “nonsense”");
  expect(() => parseUnitFile("x=1\n")).toThrow("does not start with a group");
  expect(() => parseUnitFile("[]\n")).toThrow("invalid group name");
});

test("the last value counts, an empty one takes back a list", () => {
  expect(lastValue(unit, "A", "x")).toBe("3");
  expect(allValues(unit, "A", "x")).toEqual(["3"]);
  expect(lastValue(unit, "B", "y")).toBe("");
  expect(lastValue(unit, "B", "z")).toBeUndefined();
});

test("values of every kind", () => {
  const values = parseUnitFile('[A]\nyes=On\nno=0\nhex=0x10\noct=010\nminus=-1\nq="a b"\nl=a "b c" \\d\np=Z=1 "A=x y" N\np=Z=2\n');
  expect([booleanValue(values, "A", "yes"), booleanValue(values, "A", "no"), booleanValue(values, "A", "none")]).toEqual([
    true,
    false,
    undefined,
  ]);
  expect(["hex", "oct", "minus"].map((key) => numberValue(values, "A", key))).toEqual([16, 8, undefined]);
  expect(lastValue(values, "A", "q")).toBe("a b");
  expect(listValues(values, "A", "l")).toEqual(["a", "b c", "\\d"]);
  expect(pairValues(values, ["A", "p"], () => undefined)).toEqual(["A=x y", "N", "Z=2"]);
});

test("changes leave the unit that they begin from alone", () => {
  expect(lastValue(setLine(unit, "A", ["x", "4"]), "A", "x")).toBe("4");
  expect(allValues(addLine(unit, "A", ["x", "5"]), "A", "x")).toEqual(["3", "5"]);
  expect(allValues(removeLines(unit, "A", "x"), "A", "x")).toEqual([]);
  expect(printUnitFile(renameSection(unit, "B", "A"))).toContain("x=3\ny=\n");
  expect(lastValue(mergeUnit(unit, parseUnitFile("[C]\nz=1\n")), "C", "z")).toBe("1");
  expect(lastValue(unit, "A", "x")).toBe("3");
});

test.each([
  [`a  b	c`, ["a", "b", "c"]],
  [`'a b' "c d"e`, ["a b", "c de"]],
  [`"" x`, ["", "x"]],
  [String.raw`\x41\u00e9\101\s`, ["AéA "]],
  [`"open end`, ["open end"]],
])("words of the command line %s", (text, words) => {
  expect(splitWords(text, "command")).toEqual({ words });
});

test("an unknown escape and an open quote in a list are broken", () => {
  expect(splitWords("a \\q b", "command").broken).toBeDefined();
  expect(splitWords('a "b', "list")).toEqual({ words: ["a"], broken: "unbalanced quotes" });
});

test("what is quoted is read back the same", () => {
  const words = ["plain", "two words", 'q"uote', "back\\slash", "tab\there", "é", "\u0001", "%h", "$x"];
  expect(splitWords(quoteWords(words), "command").words).toEqual(words);
});
