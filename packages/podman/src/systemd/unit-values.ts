import type { UnitFile } from "./unit-file.ts";
import { splitWords } from "./unit-words.ts";

/** What systemd takes for true. */
const TRUE = /^(1|yes|true|on)$/i;

function rawValues(unit: UnitFile, section: string, key: string): string[] {
  return (unit.sections.find(({ name }) => name === section)?.lines ?? []).flatMap((line) => (line.key === key ? [line.value] : []));
}

/** Keys of a section, each once, in their order. */
export function keysOf(unit: UnitFile, section: string): string[] {
  const lines = unit.sections.find(({ name }) => name === section)?.lines ?? [];
  return [...new Set(lines.flatMap(({ key }) => (key === undefined ? [] : [key])))];
}

/** The last value with that key, a pair of quotes around it taken off; undefined where there is none. */
export function lastValue(unit: UnitFile, section: string, key: string): string | undefined {
  return rawValues(unit, section, key)
    .at(-1)
    ?.trimEnd()
    .replace(/^"(.*)"$/s, "$1");
}

/** {@link lastValue}, where an empty value is the same as none. */
export function givenValue(unit: UnitFile, section: string, key: string): string | undefined {
  const value = lastValue(unit, section, key);
  return value === "" ? undefined : value;
}

export function booleanValue(unit: UnitFile, section: string, key: string): boolean | undefined {
  const value = lastValue(unit, section, key);
  return value === undefined ? undefined : TRUE.test(value);
}

/** A number as C has it (`0x` and leading-zero octal count); undefined where it is none or no uint32. */
export function numberValue(unit: UnitFile, section: string, key: string): number | undefined {
  const value = lastValue(unit, section, key)?.replace(/^\+/, "");
  if (value === undefined) return undefined;
  const number = /^0[xX][0-9A-Fa-f]+$/.test(value)
    ? Number.parseInt(value, 16)
    : /^0[0-7]*$/.test(value)
      ? Number.parseInt(value, 8)
      : /^[1-9][0-9]*$/.test(value)
        ? Number(value)
        : Number.NaN;
  return number >= 0 && number <= 0xffffffff ? number : undefined;
}

/** Every value with that key; an empty one takes back those before it. */
export function allValues(unit: UnitFile, section: string, key: string): string[] {
  const values = rawValues(unit, section, key);
  return values.slice(values.lastIndexOf("") + 1);
}

/** The words of every value, for lists of names. */
export function listValues(unit: UnitFile, section: string, key: string): string[] {
  return allValues(unit, section, key).flatMap((value) => splitWords(value, "list").words);
}

/** The words of every value, for arguments; a value that cannot be split is left out. */
export function argumentValues(unit: UnitFile, section: string, key: string): string[] {
  return allValues(unit, section, key).flatMap((value) => {
    const { words, broken } = splitWords(value, "command");
    return broken === undefined ? words : [];
  });
}

/** The words of the last value; what is wrong with it goes to `warn`, and it then counts as not given. */
export function lastArguments(unit: UnitFile, [section, key]: readonly [string, string], warn: (text: string) => void): readonly string[] {
  const value = rawValues(unit, section, key).at(-1);
  if (value === undefined) return [];
  const { words, broken } = splitWords(value, "command");
  if (broken === undefined) return words;
  warn(broken);
  return [];
}

/** NAME=VALUE pairs as Environment= has them, `NAME=VALUE` or `NAME`, sorted by name; the last of a name counts. */
export function pairValues(unit: UnitFile, [section, key]: readonly [string, string], warn: (text: string) => void): string[] {
  const pairs = new Map<string, string>();
  for (const value of allValues(unit, section, key)) {
    const { words, broken } = splitWords(value, "command");
    if (broken !== undefined) {
      warn(broken);
      continue;
    }
    for (const word of words) pairs.set(word.split("=", 1)[0] ?? "", word);
  }
  return [...pairs].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, word]) => word);
}
