import { ToolError } from "@containers/common/errors/tool-error";
import { matchGlob } from "@containers/common/fs/glob";

/** What `.containerignore` and `.dockerignore` say, in file order: the last pattern that matches decides. */
export interface IgnoreRules {
  readonly patterns: readonly IgnorePattern[];
  /** Some pattern starts with `!`: a directory that is left out may still hold something that is not. */
  readonly hasExceptions: boolean;
}

interface IgnorePattern {
  readonly text: string;
  readonly exception: boolean;
  matches(path: string): boolean;
}

/** The patterns of an ignore file; comments and empty lines dropped, outer slashes removed. */
export function readIgnoreLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.replace(/\r$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.replace(/^\/+|\/+$/g, ""))
    .filter((line) => line !== "");
}

/** Compiles patterns; unlike a shell, `**` spans directories and a pattern that matches a directory covers what is in it. */
export function compileIgnoreRules(lines: readonly string[]): IgnoreRules {
  const patterns = lines.flatMap((line) => {
    const trimmed = line.trim();
    if (trimmed === "") return [];
    const exception = trimmed.startsWith("!");
    const text = valid((exception ? trimmed.slice(1) : trimmed).replace(/^!?\//, ""), lines);
    return [{ text, exception, matches: compilePattern(text) }];
  });
  return { patterns, hasExceptions: patterns.some((pattern) => pattern.exception) };
}

function valid(pattern: string, all: readonly string[]): string {
  const text = cleanPath(pattern);
  if (!text.includes("**") && matchGlob(text, "") === undefined)
    throw new ToolError("invalid-argument", `processing excludes list [${all.join(" ")}]: syntax error in pattern`);
  return text;
}

/** Whether `path` (relative to the context, no leading slash) is left out. */
export function isIgnored(rules: IgnoreRules, path: string): boolean {
  let ignored = false;
  for (const pattern of rules.patterns) {
    if (pattern.exception !== ignored) continue;
    if (pattern.matches(path) || parentsOf(path).some((parent) => pattern.matches(parent))) ignored = !pattern.exception;
  }
  return ignored;
}

/** Whether an exception names something below the ignored directory `path`, so that it must be walked. */
export function mayHoldExceptions(rules: IgnoreRules, path: string): boolean {
  return rules.patterns.some((pattern) => pattern.exception && `${pattern.text}/`.startsWith(path));
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) parents.push(path.slice(0, at));
  return parents;
}

function compilePattern(text: string): (path: string) => boolean {
  if (!text.includes("**")) return (path) => matchGlob(text, path) === true;
  const source = text
    .split(/(\*\*\/?)/)
    .map((part) => (part === "**/" ? "(?:.*/)?" : part === "**" ? ".*" : segmentSource(part)))
    .join("");
  const expression = new RegExp(`^${source}$`, "s");
  return (path) => expression.test(path);
}

function segmentSource(part: string): string {
  return part
    .replace(/[.+^${}()|]/g, "\\$&")
    .replace(/\*/g, "[^/]*")
    .replace(/\?/g, "[^/]");
}

/** Go's filepath.Clean for relative patterns. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.length === 0 ? "." : parts.join("/");
}
