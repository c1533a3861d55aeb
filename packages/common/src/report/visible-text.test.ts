import { expect, it } from "vitest";
import { visibleText } from "./visible-text.ts";

it.each([
  ["plain, ünïcode 日本\n\tnext\r\n", "plain, ünïcode 日本\n\tnext\r\n"],
  ["\x1b[31mred\x1b[0m", String.raw`\x1b[31mred\x1b[0m`],
  ["over\rwritten\x07\x7f\u009b2J", String.raw`over\x0dwritten\x07\x7f\x9b2J`],
  ["", ""],
])("control characters of %j are made visible", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});
