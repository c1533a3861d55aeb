import { HttpError, httpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import type { ApiRequest } from "../../route.ts";
import { platformOf } from "../images/platform-of.ts";

const BOOLS = [
  "allplatforms",
  "compatvolumes",
  "forcerm",
  "httpproxy",
  "identitylabel",
  "layers",
  "nocache",
  "q",
  "rm",
  "rusage",
  "squash",
];
const NUMBERS = ["cpuperiod", "cpuquota", "cpushares", "jobs", "memory", "memswap", "shmsize"];
/** Lists that are JSON and nothing else. */
const LISTS = ["annotations", "devices", "dnsservers"];

/**
 * What of a build's parameters must be readable before anything else is looked at.
 * @throws HttpError 400 in the original's words
 */
export function requireReadable(request: ApiRequest): void {
  const kinds = { ...Object.fromEntries(BOOLS.map((name) => [name, "bool" as const])), ...numbers() };
  readQuery(request, kinds, { context: "" });
  const { query } = request;
  requireMap(query.get("buildargs"));
  for (const name of LISTS) requireList(name, query.get(name));
  for (const text of query.getAll("platform").flatMap((value) => value.split(","))) requirePlatform(text);
}

function numbers(): Readonly<Record<string, "int">> {
  return Object.fromEntries(NUMBERS.map((name) => [name, "int"]));
}

function requireMap(text: string | null): void {
  if (!text || /^\s*[{n]/.test(text)) return;
  throw refusal("buildargs", text, `ReadMapCB: expect { or n, but found ${text[0]}, ${place(text)}`);
}

function requireList(name: string, text: string | null): void {
  if (!text || /^\s*[[n]/.test(text)) return;
  throw refusal(name, text, `[]string: decode slice: expect [ or n, but found ${text[0]}, ${place(text)}`);
}

function place(text: string): string {
  return `error found in #1 byte of ...|${text.slice(0, 10)}|..., bigger context ...|${text.slice(0, 50)}|...`;
}

function requirePlatform(text: string): void {
  try {
    platformOf(text);
  } catch (error) {
    const { message } = httpError(400, error);
    throw new HttpError(400, `failed to parse query parameter 'platform': ${JSON.stringify(text)}: ${message}`, {
      because: "invalid argument",
    });
  }
}

function refusal(name: string, value: string, because: string): HttpError {
  return new HttpError(400, `failed to parse query parameter '${name}': ${JSON.stringify(value)}: ${because}`, { because });
}
