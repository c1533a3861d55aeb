import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import type { AuthFilePath } from "./auth-paths.ts";

/** An entry of `auths`. */
export interface AuthEntry {
  /** base64 of `user:password`. */
  readonly auth?: string;
  readonly identitytoken?: string;
}

/** auth.json; keys that we do not know are kept as they are when the file is rewritten. */
export interface AuthFile {
  readonly auths: Readonly<Record<string, AuthEntry>>;
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly rest: Readonly<Record<string, unknown>>;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** An OAuth refresh token that stands in for the password. */
  readonly identityToken?: string;
}

/**
 * Reads one file; an absent one is empty.
 *
 * @throws invalid-argument when it is not such a file (the message never quotes its contents)
 */
export function loadAuthFile(file: AuthFilePath): AuthFile {
  let text: string;
  try {
    text = readFileSync(file.path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { auths: {}, credHelpers: {}, rest: {} };
    throw wrapError(`reading ${file.path}`, error);
  }
  const parsed = parseObject(text, file.path);
  if (file.legacy) return { auths: authEntries(parsed, file.path), credHelpers: {}, rest: {} };
  const { auths, credHelpers, ...rest } = parsed;
  return { auths: authEntries(auths ?? {}, file.path), credHelpers: helperNames(credHelpers ?? {}, file.path), rest };
}

/** Changes the file in one step, mode 0600; its directory is made when missing, mode 0700. */
export function saveAuthFile(path: string, contents: AuthFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const helpers = Object.keys(contents.credHelpers).length === 0 ? {} : { credHelpers: contents.credHelpers };
  const text = JSON.stringify({ auths: contents.auths, ...helpers, ...contents.rest }, null, "\t");
  writeFileAtomic(path, text, { mode: 0o600 });
}

/** The user and password of an entry; undefined for the empty entries that docker leaves beside a credential helper. */
export function decodeEntry(entry: AuthEntry): Credentials | undefined {
  const text = Buffer.from(entry.auth ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) return undefined;
  const credentials = { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/^\0+|\0+$/g, "") };
  return entry.identitytoken ? { ...credentials, identityToken: entry.identitytoken } : credentials;
}

/** The entry that {@link decodeEntry} reads. */
export function encodeEntry(username: string, password: string): AuthEntry {
  return { auth: Buffer.from(`${username}:${password}`, "utf8").toString("base64") };
}

function parseObject(text: string, path: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may be a password.
    throw new ToolError("invalid-argument", `reading JSON file "${path}": not valid JSON`);
  }
  return object(parsed, path, "the file");
}

function authEntries(value: unknown, path: string): Readonly<Record<string, AuthEntry>> {
  const entries: Record<string, AuthEntry> = {};
  for (const [key, raw] of Object.entries(object(value, path, "auths"))) {
    const entry = object(raw, path, "an entry of auths");
    entries[key] = { ...entry, auth: optionalString(entry["auth"], path), identitytoken: optionalString(entry["identitytoken"], path) };
  }
  return entries;
}

function helperNames(value: unknown, path: string): Readonly<Record<string, string>> {
  const helpers: Record<string, string> = {};
  for (const [key, name] of Object.entries(object(value, path, "credHelpers"))) {
    const text = optionalString(name, path);
    if (text !== undefined) helpers[key] = text;
  }
  return helpers;
}

function object(value: unknown, path: string, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new ToolError("invalid-argument", `reading JSON file "${path}": ${what} must be an object`);
}

function optionalString(value: unknown, path: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new ToolError("invalid-argument", `reading JSON file "${path}": a text was expected`);
}
