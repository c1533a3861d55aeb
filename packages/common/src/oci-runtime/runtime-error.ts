import { RUNTIME_FAILED, ToolError } from "../errors/tool-error.ts";

/**
 * What a runtime wrote on failure (`--log-format=json` lines, or plain text), as an error: kind and exit code as podman's
 * contract has them, 127 for a command that is not there and 126 for one that cannot be invoked.
 */
export function runtimeError(runtimeName: string, output: string): ToolError {
  const message = lastMessage(output) ?? `exited with an error and said nothing`;
  const text = message.startsWith(`${runtimeName}: `) ? message : `${runtimeName}: ${message}`;
  if (/permission denied|operation not permitted/i.test(message)) {
    return new ToolError("denied", `${text}: OCI permission denied`, { code: "runtime-denied", exitCode: 126 });
  }
  if (/executable file .*not found|no such file or directory/i.test(message)) {
    return new ToolError("not-found", `${text}: OCI runtime attempted to invoke a command that was not found`, {
      code: "command-not-found",
      exitCode: 127,
    });
  }
  return new ToolError("internal", `${text}: OCI runtime error`, { code: RUNTIME_FAILED, exitCode: 126 });
}

/** The last message of level error, without the runtime's time stamp. */
function lastMessage(output: string): string | undefined {
  const messages = splitRecords(output).map(parseLine);
  // Of plain text, not the pointer to the runtime's help that follows a refused flag.
  const telling = messages.filter(({ text }) => !/^Try .*--help/.test(text));
  return (messages.findLast((line) => line.isError) ?? telling.at(-1) ?? messages.at(-1))?.text;
}

/** Lines, but a JSON object that is spread over several of them (crun from 1.20 prints it so) stays one record. */
function splitRecords(output: string): string[] {
  const records: string[] = [];
  let open: string[] | undefined;
  for (const line of output.split("\n")) {
    if (open !== undefined) open.push(line);
    else if (line === "{") open = [line];
    else if (line.trim() !== "") records.push(line);
    if (open !== undefined && line === "}") {
      records.push(open.join("\n"));
      open = undefined;
    }
  }
  return open === undefined ? records : [...records, ...open];
}

function parseLine(line: string): { readonly text: string; readonly isError: boolean } {
  if (line.startsWith("{")) {
    try {
      const parsed: unknown = JSON.parse(line);
      if (typeof parsed === "object" && parsed !== null && "msg" in parsed && typeof parsed.msg === "string") {
        return { text: parsed.msg, isError: "level" in parsed && parsed.level === "error" };
      }
    } catch {
      // A torn line is shown as it is.
    }
  }
  return { text: line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z: /, ""), isError: false };
}
