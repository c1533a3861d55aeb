import { type ErrorKind, ToolError } from "@containers/common/errors/tool-error";
import { record, text, texts } from "./wire.ts";

const KINDS: Readonly<Record<number, ErrorKind>> = {
  400: "invalid-argument",
  401: "denied",
  403: "denied",
  404: "not-found",
  409: "invalid-state",
  501: "unsupported",
};

/** The error that an answer stands for: its own words, which are those of the engine at the other end, and the kind that its status means. */
export function serviceError(status: number, body: string): ToolError {
  return new ToolError(KINDS[status] ?? "internal", messageOf(status, body), { code: `http-${status}`, exitCode: 125, verbatim: true });
}

/** `message` of the API's error, the list of errors of a pod, or the text itself. */
function messageOf(status: number, body: string): string {
  try {
    const parsed = record(JSON.parse(body));
    const several = texts(parsed["Errs"]);
    const message = text(parsed["message"]) || several.join(",");
    if (message !== "") return message;
  } catch {
    // Not JSON: a proxy's page, or a service that is none.
  }
  return body.trim() === "" ? `the service answered with status ${status}` : body.trim();
}
