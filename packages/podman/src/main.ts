import { runProgram } from "@containers/common/cli/build-program";
import { processOutput } from "@containers/common/cli/output";
import { runReexecEntry } from "@containers/common/process/reexec";
import { podmanProgram } from "./cli/program.ts";

/** Runs podman; the number is the exit code. `argv` is the command line without the program's name. */
export async function main(argv: readonly string[]): Promise<number> {
  return runReexecEntry(argv) ?? runProgram(podmanProgram, argv, processOutput());
}
