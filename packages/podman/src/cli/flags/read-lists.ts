import { readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";

/** `key=value` texts as a record; a text without `=` is a key with an empty value. */
export function keyValues(texts: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals === 0 || text === "")
      throw new ToolError("invalid-argument", `unable to process labels: invalid label format: ${JSON.stringify(text)}`);
    pairs[equals === -1 ? text : text.slice(0, equals)] = equals === -1 ? "" : text.slice(equals + 1);
  }
  return pairs;
}

/** Lines of files with `key=value`, blank lines and `#` comments left out. */
export function linesOfFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) =>
    readTextFile(path)
      .split("\n")
      .map((line) => line.trimStart())
      .filter((line) => line !== "" && !line.startsWith("#")),
  );
}

/** The entries of `--env-file`s. @throws invalid-argument naming the file */
export function environmentOfFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const lines = linesOfFiles([path]);
    return prefixed(`parsing file ${JSON.stringify(path)}`, () => environmentEntries(lines));
  });
}

/** What is thrown says first what was being done. */
export function prefixed<T>(doing: string, deed: () => T): T {
  try {
    return deed();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(error.kind, `${doing}: ${error.message}`, { code: error.code, cause: error });
  }
}

/** Environment entries as containers get them: `NAME` alone takes the host's value, `NAME*` those of all names that begin so. */
export function environmentEntries(texts: readonly string[], host: Readonly<Record<string, string | undefined>> = process.env): string[] {
  return texts.flatMap((text) => {
    const equals = text.indexOf("=");
    if (equals === 0 || text === "") throw new ToolError("invalid-argument", `invalid variable: ${JSON.stringify(text)}`);
    if (equals > 0) return [text];
    const names = text.endsWith("*") ? Object.keys(host).filter((name) => name.startsWith(text.slice(0, -1))) : [text];
    return names.flatMap((name) => (host[name] === undefined ? [] : [`${name}=${host[name]}`]));
  });
}

function readTextFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new ToolError(
      "invalid-argument",
      `parsing file ${JSON.stringify(path)}: open ${path}: ${missing ? "no such file or directory" : (error as Error).message}`,
    );
  }
}
