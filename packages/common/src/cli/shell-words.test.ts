import { expect, it } from "vitest";
import { splitShellWords } from "./shell-words.ts";

it.each([
  ["a  b", ["a", "b"]],
  [`'a b' "c \\" d" e\\ f`, ["a b", 'c " d', "e f"]],
  [`x'y'"z"`, ["xyz"]],
  [`''`, [""]],
])("splits %s", (text, words) => {
  expect(splitShellWords(text)).toEqual(words);
});

it("refuses an open quote", () => {
  expect(() => splitShellWords("'a")).toThrow("closing quote");
});
