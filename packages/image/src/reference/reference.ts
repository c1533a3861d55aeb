import { digestProblem } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { IDENTIFIER_PATTERN, NAME_LENGTH_LIMIT, NAME_PATTERN, REFERENCE_PATTERN, TAG_PATTERN } from "./grammar.ts";

/** A registry-style image name, complete with its domain; immutable. `quay.io/podman/hello:v1@sha256:…`. */
export interface NamedReference {
  /** Host and optional port: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** Repository within the domain: `library/alpine`. */
  readonly path: string;
  /** `domain/path`. */
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
  toString(): string;
}

const DEFAULT_DOMAIN = "docker.io";
const LEGACY_DEFAULT_DOMAIN = "index.docker.io";
const OFFICIAL_PREFIX = "library/";
const DEFAULT_TAG = "latest";

/**
 * Parses a name as users write it: `alpine` is `docker.io/library/alpine`. No tag is added ({@link withDefaultTag} does).
 * Throws invalid-argument, in the words of distribution/reference.
 */
export function parseNormalizedName(text: string): NamedReference {
  if (IDENTIFIER_PATTERN.test(text)) {
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const { domain, remainder } = splitDomain(text);
  const colon = remainder.indexOf(":");
  const at = remainder.indexOf("@");
  const end = Math.min(...[colon, at, remainder.length].filter((position) => position >= 0));
  const path = remainder.slice(0, end);
  if (path.toLowerCase() !== path) throw invalid(`invalid reference format: repository name (${path}) must be lowercase`);
  return parseName(`${domain}/${remainder}`);
}

/** Parses a name that has its domain: no defaults are filled in. Throws invalid-argument. */
export function parseName(text: string): NamedReference {
  const match = REFERENCE_PATTERN.exec(text);
  if (match === null) {
    if (text === "") throw invalid("repository name must have at least one component");
    throw invalid(REFERENCE_PATTERN.test(text.toLowerCase()) ? "repository name must be lowercase" : "invalid reference format");
  }
  const [, name = "", tag, digest] = match;
  if (name.length > NAME_LENGTH_LIMIT) throw invalid(`repository name must not be more than ${NAME_LENGTH_LIMIT} characters`);
  const parts = NAME_PATTERN.exec(name);
  if (parts === null || parts[1] === undefined || parts[2] === undefined) throw invalid("repository name must be canonical");
  return makeReference(parts[1], parts[2], { tag, digest });
}

/** The same repository with this tag; a digest is dropped. */
export function withTag(reference: NamedReference, tag: string): NamedReference {
  if (!TAG_PATTERN.test(tag)) throw invalid("invalid tag format");
  return makeReference(reference.domain, reference.path, { tag });
}

/** The same repository with this digest; a tag is kept. */
export function withDigest(reference: NamedReference, digest: string): NamedReference {
  return makeReference(reference.domain, reference.path, { tag: reference.tag, digest });
}

/** Without tag and digest. */
export function trimReference(reference: NamedReference): NamedReference {
  return makeReference(reference.domain, reference.path, {});
}

/** With `:latest` when it has neither tag nor digest. */
export function withDefaultTag(reference: NamedReference): NamedReference {
  return isNameOnly(reference) ? withTag(reference, DEFAULT_TAG) : reference;
}

export function isNameOnly(reference: NamedReference): boolean {
  return reference.tag === undefined && reference.digest === undefined;
}

/** How people write the name: `docker.io/library/alpine` is `alpine`; other domains stay. */
export function familiarName(reference: NamedReference): string {
  if (reference.domain !== DEFAULT_DOMAIN) return reference.name;
  const { path } = reference;
  return path.startsWith(OFFICIAL_PREFIX) && !path.slice(OFFICIAL_PREFIX.length).includes("/") ? path.slice(OFFICIAL_PREFIX.length) : path;
}

/** {@link familiarName} with tag and digest. */
export function familiarString(reference: NamedReference): string {
  return decorate(familiarName(reference), reference.tag, reference.digest);
}

/** The same image name under another domain and path, both already valid: what a mirror does. */
export function relocate(reference: NamedReference, name: string): NamedReference {
  return parseName(decorate(name, reference.tag, reference.digest));
}

function makeReference(domain: string, path: string, parts: { readonly tag?: string; readonly digest?: string }): NamedReference {
  const { tag, digest } = parts;
  if (digest !== undefined) {
    const problem = digestProblem(digest);
    if (problem !== undefined) throw invalid(problem);
  }
  const name = `${domain}/${path}`;
  return Object.freeze({
    domain,
    path,
    name,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    toString: () => decorate(name, tag, digest),
  });
}

function decorate(name: string, tag: string | undefined, digest: string | undefined): string {
  return `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The first component is a domain only when it cannot be a repository: a dot, a colon, upper case or `localhost`. */
function splitDomain(text: string): { readonly domain: string; readonly remainder: string } {
  const slash = text.indexOf("/");
  const first = slash < 0 ? "" : text.slice(0, slash);
  const isDomain = slash >= 0 && (/[.:]/.test(first) || first === "localhost");
  const domain = !isDomain || first === LEGACY_DEFAULT_DOMAIN ? DEFAULT_DOMAIN : first;
  const remainder = isDomain ? text.slice(slash + 1) : text;
  const official = domain === DEFAULT_DOMAIN && remainder !== "" && !remainder.includes("/");
  return { domain, remainder: official ? OFFICIAL_PREFIX + remainder : remainder };
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message, { code: "invalid-reference" });
}
