import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { runSync } from "@containers/common/process/run";
import { splitQuotedWords } from "../containerfile/parser/words-of-line.ts";

/** A Containerfile whose name ends in `.in` goes through the C preprocessor; includes are looked for in the context. */
export function preprocess(
  path: string,
  content: Buffer,
  options: { readonly contextDirectory: string; readonly flags: readonly string[]; warn(message: string): void },
): Buffer {
  const cpp = findExecutable("cpp");
  if (cpp === undefined)
    throw new ToolError("unavailable", `exec: "cpp": executable file not found in $PATH: .in support requires cpp to be installed`);
  const more = splitQuotedWords(process.env["BUILDAH_CPPFLAGS"] ?? "", "\\");
  const args = ["-E", "-iquote", options.contextDirectory, "-traditional", "-undef", "-", ...more, ...options.flags];
  const result = runSync(cpp, args, { input: content });
  if (result.exitCode === 0) return result.stdout;
  if (result.stderr.length > 0) options.warn(`Ignoring ${result.stderr.toString("utf8")}\n`);
  if (result.stdout.length === 0)
    throw new ToolError("invalid-argument", `preprocessing ${path}: preprocessor produced no output: exit status ${result.exitCode}`);
  return result.stdout;
}
