import { ToolError } from "../errors/tool-error.ts";

const CODES: Readonly<Record<string, readonly [code: string, text: string]>> = {
  ECONNREFUSED: ["connection-refused", "connection refused"],
  ConnectionRefused: ["connection-refused", "connection refused"],
  ECONNRESET: ["connection-reset", "connection closed by the server"],
  ConnectionClosed: ["connection-reset", "connection closed by the server"],
  EPIPE: ["connection-reset", "connection closed by the server"],
  ENOTFOUND: ["host-unknown", "no such host"],
  EAI_AGAIN: ["host-unknown", "temporary failure in name resolution"],
  EPROTO: ["tls", "the server does not speak TLS on this port"],
  ETIMEDOUT: ["timeout", "connection timed out"],
  ENETUNREACH: ["connection", "network is unreachable"],
  EHOSTUNREACH: ["connection", "no route to host"],
};

/** A request in an error's words, as Go's clients have it: `Get "https://registry.example/v2/"`. */
export function requestWords(method: string, shownUrl: string): string {
  return `${method.slice(0, 1).toUpperCase()}${method.slice(1).toLowerCase()} ${JSON.stringify(shownUrl)}`;
}

/** What fetch threw, as a ToolError of the kinds that `httpRequest` promises; `what` was being done. With `url` no connection had been made yet. */
export function toHttpError(error: unknown, what: string, signal: AbortSignal | undefined, url?: string): ToolError {
  if (signal?.aborted === true) return new ToolError("cancelled", `${what}: cancelled`);
  // An error thrown by a body that we were asked to send is the sender's own story.
  if (error instanceof ToolError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = CODES[code];
  if (known !== undefined) return new ToolError("unavailable", `${what}: ${dialWords(known[0], url)}${known[1]}`, { code: known[0] });
  const message = error instanceof Error ? error.message.replace(/\s*For more information.*$/, "") : String(error);
  const isTls = /CERT|TLS|SSL|SELF_SIGNED|certificate/i.test(`${code} ${message}`);
  return new ToolError("unavailable", `${what}: ${isTls ? "tls: failed to verify certificate: x509: " : ""}${message}`, {
    code: isTls ? "tls" : "connection",
  });
}

/** Who did not answer, in the words of Go's dialer. */
function dialWords(code: string, url: string | undefined): string {
  if (url === undefined || !URL.canParse(url)) return "";
  const { hostname, port, protocol } = new URL(url);
  if (code === "connection-refused") return `dial tcp ${hostname}:${port || (protocol === "https:" ? 443 : 80)}: connect: `;
  return code === "host-unknown" ? `dial tcp: lookup ${hostname}: ` : "";
}
