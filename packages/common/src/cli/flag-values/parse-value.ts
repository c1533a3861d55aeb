import { ToolError } from "../../errors/tool-error.ts";
import type { FlagType } from "../define-command.ts";
import { splitCsv } from "./csv.ts";
import { parseDuration } from "./duration.ts";
import { parseSize } from "./size.ts";

export type FlagValue = string | number | boolean | readonly string[];

/**
 * One occurrence of a flag as a value (a list for the list types).
 * @throws Error whose message is the reason alone, as Go words it: `strconv.ParseInt: parsing "x": invalid syntax`
 */
export function parseFlagValue(type: FlagType, name: string, text: string): FlagValue {
  switch (type) {
    case "bool":
      return parseBool(text);
    case "int":
      return parseInteger(text, "ParseInt");
    case "uint":
      return parseInteger(text, "ParseUint");
    case "float":
      return parseFloatNumber(text);
    case "duration":
      return parseDuration(text);
    case "bytes":
      return parseByteCount(name, text);
    case "stringArray":
      return [text];
    case "stringSlice":
      return splitCsv(text);
    case "count":
      return parseInteger(text, "ParseInt");
    case "string":
    case "optionalString":
      return text;
  }
}

/** Go's strconv.ParseBool. */
export function parseBool(text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function parseInteger(text: string, parser: "ParseInt" | "ParseUint"): number {
  const syntax =
    parser === "ParseInt"
      ? /^[+-]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*)$/
      : /^(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*)$/;
  if (!syntax.test(text)) throw new Error(`strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`);
  const negative = text.startsWith("-");
  const digits = text.replace(/^[+-]/, "").replaceAll("_", "");
  // A leading zero alone means octal in Go.
  const value = Number(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (value > Number.MAX_SAFE_INTEGER && !fitsInto64Bits(digits, parser)) {
    throw new Error(`strconv.${parser}: parsing ${JSON.stringify(text)}: value out of range`);
  }
  return negative ? -value : value;
}

function fitsInto64Bits(digits: string, parser: "ParseInt" | "ParseUint"): boolean {
  return BigInt(digits) < 1n << (parser === "ParseInt" ? 63n : 64n);
}

function parseFloatNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || text !== text.trim() || Number.isNaN(value)) {
    throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return value;
}

/** Sizes fail when the command runs, not when the line is parsed, so the message carries the flag's name itself. */
function parseByteCount(name: string, text: string): number {
  const size = text === "-1" ? -1 : parseSize(text);
  if (size === undefined) throw new ToolError("invalid-argument", `invalid value for ${name}: invalid size: '${text}'`);
  return size;
}
