import type { Output } from "@containers/common/cli/define-command";
import { type ProgressSink, plainProgress, progressFor } from "@containers/image/copy/progress";

/** Bars on a terminal, lines on standard output elsewhere. One for each copy. */
export async function outputProgress(out: Output): Promise<ProgressSink> {
  return out.isTerminal ? await progressFor(1) : plainProgress((text) => out.stdout(text));
}
