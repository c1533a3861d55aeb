import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { isKnownKeyword, parseArguments } from "./arguments.ts";
import { heredocStarts, mayHaveHeredocs, readHeredocs } from "./heredocs.ts";
import type { InstructionNode, ParsedContainerfile } from "./node.ts";
import { takeFlags } from "./words-of-line.ts";

/**
 * Splits a Containerfile into instructions: directives, comments, continuations, here-documents. Pure; throws
 * invalid-argument that names the lines.
 */
export function parseContainerfile(text: string): ParsedContainerfile {
  const lines = text
    .replace(/^\ufeff/, "")
    .split("\n")
    .map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  const escapeToken = readEscapeDirective(lines);
  const instructions: InstructionNode[] = [];
  const warnings: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const joined = joinContinuations(lines, at, escapeToken);
    if (joined.text === "") {
      at = joined.next;
      continue;
    }
    if (joined.emptyContinuation) warnings.push(`[WARNING]: Empty continuation line found in:\n    ${joined.text}`);
    const { node, next } = readInstruction(joined.text, lines, { start: at, next: joined.next, escapeToken });
    instructions.push(node);
    at = next;
  }
  if (warnings.length > 0) warnings.push("[WARNING]: Empty continuation lines will become errors in a future release.");
  return { instructions, escapeToken, warnings };
}

/** Directives stand before everything else, one per line: `# escape=\``, `# syntax=…` (which means nothing here). */
function readEscapeDirective(lines: readonly string[]): "\\" | "`" {
  let found: "\\" | "`" | undefined;
  for (const line of lines) {
    const match = /^#[ \t]*([a-zA-Z][a-zA-Z0-9]*)[ \t]*=[ \t]*(.+?)[ \t]*$/.exec(line.trimStart());
    if (match === null) break;
    if (match[1]?.toLowerCase() !== "escape") continue;
    if (found !== undefined) throw new ToolError("invalid-argument", "only one escape parser directive can be used");
    const token = match[2]?.charAt(0) ?? "";
    if (token !== "\\" && token !== "`") throw new ToolError("invalid-argument", `invalid ESCAPE '${token}'. Must be \` or \\`);
    found = token;
  }
  return found ?? "\\";
}

interface JoinedLine {
  readonly text: string;
  readonly next: number;
  readonly emptyContinuation: boolean;
}

/** One logical line. Comment lines between continuations vanish; an empty line there is passed over with a warning. */
function joinContinuations(lines: readonly string[], start: number, escapeToken: string): JoinedLine {
  const continuation = escapeToken === "\\" ? /\\[ \t]*$/ : /`[ \t]*$/;
  let text = (lines[start] ?? "").trimStart().replace(/^#.*$/, "");
  let next = start + 1;
  let emptyContinuation = false;
  let open = continuation.test(text);
  text = text.replace(continuation, "");
  while (open && next < lines.length) {
    const line = (lines[next++] ?? "").replace(/^#.*$/, "");
    if (line.trimStart().replace(/^#.*$/, "") === "") {
      emptyContinuation ||= !/#/.test(lines[next - 1] ?? "");
      continue;
    }
    open = continuation.test(line);
    text += line.replace(continuation, "");
  }
  return { text, next, emptyContinuation };
}

interface Position {
  readonly start: number;
  readonly next: number;
  readonly escapeToken: string;
}

function readInstruction(text: string, lines: readonly string[], position: Position): { node: InstructionNode; next: number } {
  try {
    const node = parseLine(text, position);
    const target = node.trigger ?? node;
    const starts = mayHaveHeredocs(target.keyword, target.json) ? heredocStarts(text) : [];
    const { heredocs, next } = readHeredocs(starts, lines, position.next);
    return { node: { ...node, heredocs, endLine: next }, next };
  } catch (error) {
    throw wrapError(`parsing Containerfile ${lineRange(position.start + 1, position.next)}`, error);
  }
}

function parseLine(text: string, position: Position): InstructionNode {
  const [, word = "", rest = ""] = /^([^\t\v\f\r ]+)(?:[\t\v\f\r ]+([^]*))?$/.exec(text.trim()) ?? [];
  const keyword = word.toLowerCase();
  const common = { keyword, original: text, heredocs: [], startLine: position.start + 1, endLine: position.next };
  if (!isKnownKeyword(keyword)) {
    throw new ToolError("invalid-argument", `Build error: Unknown instruction: ${JSON.stringify(word.toUpperCase())}`);
  }
  const taken = takeFlags(rest);
  const body = taken.rest.trim();
  if (keyword === "onbuild") {
    if (body === "") return { ...common, flags: taken.flags, args: [], json: false };
    const trigger = parseLine(body, position);
    return { ...common, flags: taken.flags, args: [trigger.keyword, ...trigger.args], json: trigger.json, trigger };
  }
  return { ...common, flags: taken.flags, ...parseArguments(keyword, body, position.escapeToken) };
}

/** `line 3` or `lines 3-5`. */
export function lineRange(first: number, last: number): string {
  return first === last ? `line ${first}` : `lines ${first}-${last}`;
}
