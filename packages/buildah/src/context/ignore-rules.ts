import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { readRegularFile } from "@containers/common/fs/regular-file";
import { compileIgnoreRules, type IgnoreRules, readIgnoreLines } from "../containerfile/ignore-file.ts";

export interface LoadedIgnoreRules {
  readonly rules: IgnoreRules;
  /** The file they came from. */
  readonly ignoreFile: string | undefined;
}

/** Which files of the context are left out: by the named file, that of the Containerfile (`NAME.dockerignore`), or the context's. */
export function loadIgnoreRules(
  contextDirectory: string,
  choice: { readonly containerfile?: string; readonly ignoreFile?: string },
): LoadedIgnoreRules {
  const path = choice.ignoreFile ?? candidates(contextDirectory, choice.containerfile).find((candidate) => existsSync(candidate));
  if (path === undefined) return { rules: compileIgnoreRules([]), ignoreFile: undefined };
  return { rules: compileIgnoreRules(readIgnoreLines(readRegularFile(path).toString())), ignoreFile: path };
}

function candidates(contextDirectory: string, containerfile: string | undefined): string[] {
  const own =
    containerfile === undefined || containerfile === "" || containerfile === "-"
      ? []
      : [
          `${containerfile}.containerignore`,
          `${containerfile}.dockerignore`,
          join(contextDirectory, `${basename(containerfile)}.containerignore`),
          join(contextDirectory, `${basename(containerfile)}.dockerignore`),
        ];
  return [...own, join(contextDirectory, ".containerignore"), join(contextDirectory, ".dockerignore")];
}
