import { ToolError } from "@containers/common/errors/tool-error";
import type { Heredoc } from "./node.ts";
import { splitQuotedWords } from "./words-of-line.ts";

const KEYWORDS = new Set(["add", "copy", "run"]);

/** Whether here-documents are looked for: ADD, COPY and RUN, also behind ONBUILD, and never in JSON form. */
export function mayHaveHeredocs(keyword: string, json: boolean): boolean {
  return KEYWORDS.has(keyword) && !json;
}

export interface HeredocStart {
  readonly name: string;
  readonly expand: boolean;
  readonly chomp: boolean;
}

/** The here-documents that a line announces, in order. */
export function heredocStarts(line: string): HeredocStart[] {
  return splitQuotedWords(line, "\\").flatMap((word) => {
    const start = parseHeredocWord(word);
    return start === undefined ? [] : [start];
  });
}

function parseHeredocWord(word: string): HeredocStart | undefined {
  // A descriptor number may precede it, as in a shell; `<<<` is something else.
  const match = /^(\d*)<<(-?)([^<]*)$/.exec(word);
  if (match === null) return undefined;
  const raw = match[3] ?? "";
  if (raw === "") return undefined;
  const name = raw.replace(/(['"])(.*?)\1/g, "$2").replace(/\\(.)/g, "$1");
  if (/['"]/.test(name)) return undefined;
  return { name, expand: name === raw, chomp: match[2] === "-" };
}

/** Reads the bodies from `lines` starting at index `from`; returns them and the index after the last terminator. */
export function readHeredocs(
  starts: readonly HeredocStart[],
  lines: readonly string[],
  from: number,
): { heredocs: Heredoc[]; next: number } {
  let next = from;
  const heredocs = starts.map((start) => {
    const first = next;
    for (; next < lines.length; next++) {
      const text = (lines[next] ?? "").replace(/\r+$/, "");
      if ((start.chomp ? text.replace(/^\t+/, "") : text) === start.name) break;
    }
    if (next >= lines.length) throw new ToolError("invalid-argument", `${start.name}: unterminated heredoc`);
    const content = lines
      .slice(first, next)
      .map((line) => `\n${line}`)
      .join("");
    next++;
    return { ...start, content };
  });
  return { heredocs, next };
}

/** Drops the leading tabs of every line, for `<<-`. */
export function chompHeredoc(content: string): string {
  return content.replace(/^\t+/gm, "");
}
