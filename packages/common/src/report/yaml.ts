import { yamlScalar } from "./yaml-scalar.ts";

/** Plain data as YAML in the way Go's ghodss/yaml prints it: keys sorted, lists at their key's indentation, absent values left out. */
export function toYaml(value: unknown): string {
  return `${lines(value, 0).join("\n")}\n`;
}

function lines(value: unknown, depth: number): string[] {
  const margin = "  ".repeat(depth);
  if (Array.isArray(value)) return value.flatMap((item) => listItem(item, depth));
  return Object.entries(value as object)
    .filter(([, item]) => item !== undefined)
    .sort(([one], [other]) => compareKeys(one, other))
    .flatMap(([key, item]) => {
      const name = `${margin}${yamlScalar(key, 0, 0)}`;
      if (isNested(item)) return [`${name}:`, ...lines(item, Array.isArray(item) ? depth : depth + 1)];
      return [`${name}: ${leaf(item, depth, name.length + 2)}`];
    });
}

function listItem(item: unknown, depth: number): string[] {
  const margin = "  ".repeat(depth);
  if (!isNested(item)) return [`${margin}- ${leaf(item, depth, margin.length + 2)}`];
  const [first = "", ...rest] = lines(item, depth + 1);
  return [`${margin}- ${first.trimStart()}`, ...rest];
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function leaf(value: unknown, depth: number, column: number): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "[]";
  if (typeof value === "object") return "{}";
  return typeof value === "string" ? yamlScalar(value, (depth + 1) * 2, column) : String(value);
}

/** Signs before letters, and numbers inside by their value, as Go's printer sorts. */
function compareKeys(one: string, other: string): number {
  for (let at = 0; at < one.length && at < other.length; at += 1) {
    const [here = "", there = ""] = [one[at], other[at]];
    if (here === there) continue;
    const letters = [isLetter(here), isLetter(there)] as const;
    if (letters[0] !== letters[1]) return letters[1] ? -1 : 1;
    if (!letters[0]) {
      const numbers = [numberAt(one, at), numberAt(other, at)] as const;
      if (numbers[0] !== numbers[1]) return numbers[0] - numbers[1];
    }
    return here < there ? -1 : 1;
  }
  return one.length - other.length;
}

function isLetter(character: string): boolean {
  return /\p{L}/u.test(character);
}

function numberAt(text: string, at: number): number {
  return Number(/^\d*/.exec(text.slice(at))?.[0] ?? "0");
}
