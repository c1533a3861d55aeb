/** Text as roff takes it literally: backslashes and hyphens are marked, and no line begins with a request. */
export function roffText(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/gm, "\\&");
}

/** A section with its heading; empty without a body. */
export function roffSection(heading: string, body: string): string {
  return body === "" ? "" : `.SH ${heading}\n${body}\n`;
}

/** A term with its explanation below it. */
export function roffItem(term: string, text: string): string {
  return `.TP\n${term}\n${text === "" ? "\\&" : roffText(text)}`;
}

/** Lines that stand as they are. */
export function roffVerbatim(lines: readonly string[]): string {
  return lines.length === 0 ? "" : [".nf", ...lines.map(roffText), ".fi"].join("\n");
}

/** Bold, with the literal text `words`. */
export function bold(words: string): string {
  return `\\fB${roffText(words)}\\fR`;
}

export function italic(words: string): string {
  return `\\fI${roffText(words)}\\fR`;
}
