import { runProgram } from "@containers/common/cli/build-program";
import { podmanProgram } from "../cli/program.ts";

export interface PodmanResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a podman command line in this process and captures what it prints. */
export async function runPodman(...argv: readonly string[]): Promise<PodmanResult> {
  let stdout = "";
  let stderr = "";
  const code = await runProgram(podmanProgram, argv, {
    stdout: (text) => {
      stdout += typeof text === "string" ? text : Buffer.from(text).toString();
    },
    stderr: (text) => {
      stderr += typeof text === "string" ? text : Buffer.from(text).toString();
    },
    isTerminal: false,
  });
  return { code, stdout, stderr };
}
