import { type ErrorKind, ToolError } from "@containers/common/errors/tool-error";
import type { HttpResponse } from "@containers/common/http/fetch";
import { redactUrl } from "@containers/common/http/fetch";

/** What a registry answered instead of what was asked for. Keeps the status and the server's own code. */
export class RegistryError extends ToolError {
  override readonly name = "RegistryError";
  readonly status: number;
  /** `MANIFEST_UNKNOWN` and the like, "" when the body told none. */
  readonly serverCode: string;

  constructor(
    message: string,
    details: {
      readonly kind: ErrorKind;
      readonly code: string;
      readonly status: number;
      readonly serverCode: string;
      readonly hint?: string;
    },
  ) {
    super(details.kind, message, { code: details.code, hint: details.hint });
    this.status = details.status;
    this.serverCode = details.serverCode;
  }
}

const MAX_ERROR_BODY = 64 << 10;

/** Reads the error that a response carries: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes. */
export async function registryError(response: HttpResponse): Promise<RegistryError> {
  const body = await response.text(MAX_ERROR_BODY).catch(() => "");
  const { serverCode, message } = firstError(body);
  const text = message === "" ? defaultText(response) : `${words(serverCode, message)}${message}`;
  return new RegistryError(text, {
    kind: kindOf(response.status),
    code: codeOf(response.status, serverCode),
    status: response.status,
    serverCode,
    hint: hintFor(response.status),
  });
}

/** True when the registry says that the image, or its repository, does not exist. */
export function isManifestUnknown(error: unknown): boolean {
  return error instanceof RegistryError && error.code === "image-not-found";
}

function firstError(body: string): { readonly serverCode: string; readonly message: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    const errors = isObject(parsed) ? parsed["errors"] : undefined;
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
    if (isObject(first)) return { serverCode: text(first["code"]), message: text(first["message"]) };
    if (isObject(parsed)) return { serverCode: "", message: text(parsed["details"]) || text(parsed["message"]) };
  } catch {
    // Proxies answer with HTML: the status has to do.
  }
  return { serverCode: "", message: "" };
}

function defaultText(response: HttpResponse): string {
  const known: Readonly<Record<number, string>> = {
    401: "authentication required",
    403: "denied: requested access to the resource is denied",
    404: "not found",
    429: "too many requests",
  };
  return `${known[response.status] ?? "unexpected answer"} (status ${response.status} from ${redactUrl(response.url)})`;
}

function kindOf(status: number): ErrorKind {
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "not-found";
  if (status === 405 || status === 415) return "unsupported";
  if (status === 429 || status >= 500) return "unavailable";
  return "invalid-argument";
}

function codeOf(status: number, serverCode: string): string {
  if (serverCode === "MANIFEST_UNKNOWN" || serverCode === "NAME_UNKNOWN") return "image-not-found";
  if (serverCode === "MANIFEST_INVALID" || serverCode === "UNSUPPORTED" || serverCode === "TAG_INVALID") return "manifest-rejected";
  if (status === 401 || status === 403) return "unauthorized";
  return `registry-${status}`;
}

function hintFor(status: number): string | undefined {
  if (status === 401) return "log in to the registry first";
  return status === 429 ? "wait a while, or log in for a higher limit" : undefined;
}

/** The code in words, unless the message says the same. */
function words(serverCode: string, message: string): string {
  const said = serverCode.toLowerCase().replaceAll("_", " ");
  return said === "" || said === message.toLowerCase() ? "" : `${said}: `;
}

function text(value: unknown): string {
  return typeof value === "string" ? value.replace(/\s+/g, " ").trim() : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
