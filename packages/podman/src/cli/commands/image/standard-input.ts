import { createReadStream } from "node:fs";
import { isTerminal } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";

/**
 * Standard input as a stream.
 *
 * @throws invalid-argument when it is a terminal: nobody types an archive
 */
export function standardInput(): AsyncIterable<Uint8Array> {
  if (isTerminal(0)) throw new ToolError("invalid-argument", "cannot read from terminal, use command-line redirection or the --input flag");
  return createReadStream("", { fd: 0, autoClose: false, highWaterMark: 1 << 20 });
}
