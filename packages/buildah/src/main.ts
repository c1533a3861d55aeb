import { runProgram } from "@containers/common/cli/build-program";
import { processOutput } from "@containers/common/cli/output";
import { runReexecEntry } from "@containers/common/process/reexec";
import { buildahProgram, needsUserNamespace } from "./cli/program.ts";
import { buildahEntries } from "./cli/reexec-entries.ts";

/** Runs buildah; the number is the exit code. `argv` is the command line without the program's name. */
export async function main(argv: readonly string[]): Promise<number> {
  // What a build makes is the same whoever builds.
  process.umask(0o022);
  const entry = runReexecEntry(argv, buildahEntries);
  if (entry !== undefined) return entry;
  if (needsUserNamespace(argv)) {
    // It must be entered before anything asynchronous begins.
    const { ensureUserNamespace } = await import("@containers/common/rootless/enter-user-namespace");
    ensureUserNamespace();
  }
  return runProgram(buildahProgram, argv, processOutput());
}
