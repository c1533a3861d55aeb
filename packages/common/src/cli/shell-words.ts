import { ToolError } from "../errors/tool-error.ts";

/** Words as a POSIX shell would see them, without expansions. @throws ToolError invalid-argument for an open quote */
export function splitShellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (quote === "'" ? char === "'" : quote === '"' && char === '"') quote = "";
    else if (quote === "'") word += char;
    else if (char === "\\" && (quote === "" || /["\\$`]/.test(text[at + 1] ?? ""))) word = (word ?? "") + (text[++at] ?? "");
    else if (quote !== "") word += char;
    else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (quote !== "") throw new ToolError("invalid-argument", "EOF found when expecting closing quote");
  return word === undefined ? words : [...words, word];
}
