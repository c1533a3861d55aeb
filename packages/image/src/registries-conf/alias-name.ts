import { ToolError } from "@containers/common/errors/tool-error";
import { type NamedReference, parseNormalizedName } from "../reference/reference.ts";

// Distributions ship some two hundred aliases, and every command reads them: those that look as all do are not taken apart.
const ordinaryName = /^(?!localhost\/)(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)?[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
// Docker Hub's own images and its other host name are written in several ways, so they need the full treatment.
const ordinaryTarget =
  /^(?:docker\.io\/[a-z0-9]+|(?!(?:index\.)?docker\.io\/)[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)+)(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*){1,4}$/;

function isOrdinary(name: string, target: string): boolean {
  // 64 hexadecimal digits would be an id.
  return name.length < 64 && target.length < 128 && ordinaryName.test(name) && ordinaryTarget.test(target);
}

/**
 * Checks one line of an `[aliases]` table and returns the full name it stands for (an empty target switches off
 * an alias that another file defines).
 *
 * @throws invalid-argument
 */
export function parseAlias(name: string, target: string): string {
  if (isOrdinary(name, target)) return target;
  const parts = splitName(name);
  if (parts.tag !== undefined || parts.digest !== undefined) {
    throw new ToolError(
      "invalid-argument",
      `invalid short name "${name}": must not contain ${parts.digest === undefined ? "tag" : "digest"}`,
    );
  }
  if (hasRegistry(parts.repository)) throw new ToolError("invalid-argument", `invalid short name "${name}": must not contain registry`);
  parseNormalizedName(name);
  if (target === "") return "";
  const value = splitName(target);
  if (value.tag !== undefined || value.digest !== undefined) {
    throw new ToolError("invalid-argument", `invalid alias "${target}": must not contain ${value.digest === undefined ? "tag" : "digest"}`);
  }
  if (!hasRegistry(value.repository)) {
    throw new ToolError("invalid-argument", `invalid alias "${target}": must contain registry and repository`);
  }
  return parseNormalizedName(target).name;
}

/** A name as typed, cut at its tag and digest; nothing is checked or completed. */
export function splitName(text: string): { repository: string; tag?: string; digest?: string } {
  const at = text.indexOf("@");
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  if (colon <= named.lastIndexOf("/")) return { repository: named, digest };
  return { repository: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

/** Whether a repository as typed begins with a registry: a word before the first slash with a dot or port, or localhost. */
export function hasRegistry(repository: string): boolean {
  const slash = repository.indexOf("/");
  if (slash === -1) return false;
  const first = repository.slice(0, slash);
  return first === "localhost" || /[.:]/.test(first);
}

/**
 * {@link parseNormalizedName} for what a user typed, with the original's words for what is wrong with it.
 *
 * @throws invalid-argument
 */
export function parseTypedName(text: string): NamedReference {
  try {
    return parseNormalizedName(text);
  } catch (error) {
    if (/^[0-9a-f]{64}$/.test(text)) throw error;
    throw new ToolError("invalid-argument", isName(text.toLowerCase()) ? "repository name must be lowercase" : "invalid reference format");
  }
}

function isName(text: string): boolean {
  try {
    parseNormalizedName(text);
    return true;
  } catch {
    return false;
  }
}
