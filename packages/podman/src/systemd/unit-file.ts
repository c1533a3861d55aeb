import { quoteWord, quoteWords } from "./unit-words.ts";

/** A line of a section; one without a key is a comment, kept as it was written. */
interface UnitLine {
  readonly key?: string;
  readonly value: string;
}

interface UnitSection {
  readonly name: string;
  /** What stands above the section's heading. */
  readonly comments: readonly string[];
  readonly lines: readonly UnitLine[];
}

/** A unit file as text has it: order and comments are kept; a section that comes twice is one. Never changed, only derived from. */
export interface UnitFile {
  /** `web.container`; empty when it was not read from a file. */
  readonly name: string;
  readonly path: string;
  readonly sections: readonly UnitSection[];
}

/**
 * Reads a unit file (systemd.syntax(7)): continued lines are joined, comments between them dropped. Throws an error that names the line
 * that is none of comment, section and key=value.
 */
export function parseUnitFile(text: string, path = ""): UnitFile {
  const sections: { name: string; comments: string[]; lines: UnitLine[] }[] = [];
  let current: (typeof sections)[number] | undefined;
  let pending: string[] = [];
  for (const { line, number } of logicalLines(text)) {
    if (isComment(line)) {
      pending.push(line);
      continue;
    }
    const heading = /^\[([^\]]*)\][ \t]*$/.exec(line)?.[1];
    if (heading !== undefined) {
      if (heading === "" || hasControlOrBracket(heading)) throw new Error(`invalid group name: ${heading}`);
      current = sections.find(({ name }) => name === heading);
      if (current === undefined) sections.push((current = { name: heading, comments: [], lines: [] }));
      // The empty line between two sections is printed again.
      current.comments.push(...(pending[0] === "" ? pending.slice(1) : pending));
      pending = [];
      continue;
    }
    const [, key, value] = /^([^=]+?)\s*=\s*(.*)$/s.exec(line) ?? [];
    if (key === undefined || value === undefined)
      throw new Error(`file contains line ${number}: “${line}” which is not a key-value pair, group, or comment`);
    if (current === undefined) throw new Error("key file does not start with a group");
    current.lines.push(...pending.map((comment) => ({ value: comment })), { key, value });
    pending = [];
  }
  if (current === undefined) sections.push((current = { name: "", comments: [], lines: [] }));
  current.lines.push(...pending.map((value) => ({ value })));
  return { name: path.slice(path.lastIndexOf("/") + 1), path, sections };
}

function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  const physical = text.replace(/\n$/, "").split("\n");
  let continued = "";
  for (const [index, raw] of physical.entries()) {
    const line = raw.trim();
    if (isComment(line)) {
      if (continued === "") yield { line, number: index + 1 };
      continue;
    }
    const goesOn = line.endsWith("\\");
    const own = goesOn ? line.slice(0, -1) : line;
    if (goesOn && index !== physical.length - 1) {
      continued += own;
      continue;
    }
    yield { line: continued + own, number: index + 1 };
    continued = "";
  }
}

function isComment(line: string): boolean {
  return line === "" || line.startsWith("#") || line.startsWith(";");
}

function hasControlOrBracket(name: string): boolean {
  return [...name].some((char) => char === "[" || char < " " || char === "\u007f");
}

/** The text of a unit file; the inverse of {@link parseUnitFile} but for joined lines and repeated sections. */
export function printUnitFile(unit: UnitFile): string {
  return unit.sections
    .map(({ name, comments, lines }) =>
      [
        ...comments,
        ...(name === "" ? [] : [`[${name}]`, ...lines.map(({ key, value }) => (key === undefined ? value : `${key}=${value}`))]),
      ]
        .map((line) => `${line}\n`)
        .join(""),
    )
    .join("\n");
}

/** A unit with what a drop-in adds. */
export function mergeUnit(unit: UnitFile, dropIn: UnitFile): UnitFile {
  return dropIn.sections.reduce(
    (merged, { name, comments, lines }) =>
      changeSection(merged, name, (section) => ({
        ...section,
        comments: [...section.comments, ...comments],
        lines: [...section.lines, ...lines],
      })),
    unit,
  );
}

/** Adds a line at the end of a section, which is made where it is missing. */
export function addLine(unit: UnitFile, section: string, [key, value]: readonly [string, string]): UnitFile {
  return changeSection(unit, section, (old) => ({ ...old, lines: [...old.lines, { key, value }] }));
}

/** {@link addLine} with a value that is one word to systemd. */
export function addWord(unit: UnitFile, section: string, [key, word]: readonly [string, string]): UnitFile {
  return addLine(unit, section, [key, quoteWord(word)]);
}

/** {@link addLine} with a command line. */
export function addCommand(unit: UnitFile, section: string, [key, argv]: readonly [string, readonly string[]]): UnitFile {
  return addLine(unit, section, [key, quoteWords(argv)]);
}

export function prependLine(unit: UnitFile, section: string, [key, value]: readonly [string, string]): UnitFile {
  return changeSection(unit, section, (old) => ({ ...old, lines: [{ key, value }, ...old.lines] }));
}

/** Replaces the value of the last line with that key, or adds one. */
export function setLine(unit: UnitFile, section: string, [key, value]: readonly [string, string]): UnitFile {
  return changeSection(unit, section, (old) => {
    const at = old.lines.findLastIndex((line) => line.key === key);
    return { ...old, lines: at < 0 ? [...old.lines, { key, value }] : old.lines.with(at, { key, value }) };
  });
}

export function removeLines(unit: UnitFile, section: string, key: string): UnitFile {
  return changeSection(unit, section, (old) => ({ ...old, lines: old.lines.filter((line) => line.key !== key) }));
}

/** Gives a section another name; where one has that name already, it goes into that. */
export function renameSection(unit: UnitFile, from: string, to: string): UnitFile {
  const old = unit.sections.find(({ name }) => name === from);
  if (old === undefined) return unit;
  if (!unit.sections.some(({ name }) => name === to))
    return { ...unit, sections: unit.sections.map((section) => (section === old ? { ...section, name: to } : section)) };
  const rest = { ...unit, sections: unit.sections.filter((section) => section !== old) };
  return mergeUnit(rest, { name: "", path: "", sections: [{ ...old, name: to }] });
}

/** Puts comment lines above everything else. */
export function prependComments(unit: UnitFile, comments: readonly string[]): UnitFile {
  const [first = { name: "", comments: [], lines: [] }, ...rest] = unit.sections;
  return { ...unit, sections: [{ ...first, comments: [...comments.map((line) => `# ${line}`), ...first.comments] }, ...rest] };
}

function changeSection(unit: UnitFile, name: string, change: (section: UnitSection) => UnitSection): UnitFile {
  const at = unit.sections.findIndex((section) => section.name === name);
  const section = unit.sections[at];
  return section === undefined
    ? { ...unit, sections: [...unit.sections, change({ name, comments: [], lines: [] })] }
    : { ...unit, sections: unit.sections.with(at, change(section)) };
}
