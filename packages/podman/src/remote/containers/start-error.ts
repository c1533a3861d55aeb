import { ToolError } from "@containers/common/errors/tool-error";

/** Runs a deed that starts a process; its failure gets the exit code of a command that is not there (127) or cannot be invoked (126). */
export async function withStartExitCode<T>(deed: () => Promise<T>): Promise<T> {
  try {
    return await deed();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(error.kind, error.message, { cause: error.cause, code: error.code, exitCode: startExitCode(error.message) });
  }
}

/** A service tells only in words why a process did not start. */
function startExitCode(message: string): number {
  if (/executable file .*not found|no such file or directory|command not found|not found in \$PATH/i.test(message)) return 127;
  return /permission denied|is a directory|exec format error/i.test(message) ? 126 : 125;
}
