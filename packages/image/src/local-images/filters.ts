import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { ImageRecord } from "@containers/storage/store";
import { parseNormalizedName } from "../reference/reference.ts";
import { hasRegistry, splitName } from "../registries-conf/alias-name.ts";
import { manifestDigests, parseImageConfig, rawImageConfig } from "./image-config.ts";
import type { LayerTree } from "./layer-tree.ts";
import type { LocalImages } from "./local-images.ts";
import { matchesPattern } from "./match-pattern.ts";
import { requireLocalImage, resolveLocalImage } from "./resolve-name.ts";
import { isManifestList } from "./stored-manifest.ts";
import { parseUntil } from "./until.ts";

/** Filters of one command, ready to be asked about each image. */
export interface ImageFilter {
  /** @returns the names to show (a filter by one full name hides the others), or undefined when the image is filtered out */
  apply(image: ImageRecord): readonly string[] | undefined;
}

export interface FilterContext {
  readonly images: Pick<LocalImages, "store" | "registry">;
  readonly tree: LayerTree;
  /** Whether a container is not of this engine (buildah's, for example); without it `containers=external` is refused. */
  isExternalContainer?(id: string): boolean;
}

type Test = (image: ImageRecord) => boolean;

/**
 * Compiles `key=value` and `key!=value` filters: different keys must all hold, and so must each value, except that any of several `reference=` is enough.
 *
 * @throws invalid-argument for unknown keys and malformed values; not-found when `before` or `since` names no image
 */
export function compileFilters(filters: readonly string[], context: FilterContext): ImageFilter {
  const tests: Test[] = [];
  const wanted: string[] = [];
  const unwanted: string[] = [];
  const once = new Map<string, string>();
  for (const filter of filters) {
    const { key, value, negated } = splitFilter(filter);
    if (key === "reference") {
      (negated ? unwanted : wanted).push(value);
      continue;
    }
    refuseContradiction(once, key, value);
    const test = compileOne(key, value, context);
    tests.push(negated ? (image) => !test(image) : test);
  }
  const onlyReference = wanted.length === 1 && unwanted.length === 0 ? wanted[0] : undefined;
  return {
    apply(image) {
      if (unwanted.some((pattern) => matchesReference(context, image, pattern))) return undefined;
      if (wanted.length > 0 && !wanted.some((pattern) => matchesReference(context, image, pattern))) return undefined;
      if (!tests.every((test) => test(image))) return undefined;
      return onlyReference === undefined ? image.names : namesLike(image, onlyReference);
    },
  };
}

function splitFilter(filter: string): { key: string; value: string; negated: boolean } {
  const match = /^(.*?)(!?=)(.*)$/s.exec(filter);
  if (match === null) throw invalidFilter(filter);
  return { key: match[1] ?? "", value: match[3] ?? "", negated: match[2] === "!=" };
}

function invalidFilter(filter: string): ToolError {
  return new ToolError("invalid-argument", `invalid image filter "${filter}": must be in the format "filter=value or filter!=value"`);
}

function refuseContradiction(once: Map<string, string>, key: string, value: string): void {
  if (!["containers", "dangling", "intermediate", "readonly", "manifest"].includes(key)) return;
  const earlier = once.get(key);
  if (earlier !== undefined && earlier !== value) {
    throw new ToolError("invalid-argument", `specifying "${key}" filter more than once with different values is not supported`);
  }
  once.set(key, value);
}

function compileOne(key: string, value: string, context: FilterContext): Test {
  const { images, tree } = context;
  switch (key) {
    case "after":
    case "since": {
      const time = timeOf(images, key, value);
      return (image) => Date.parse(image.created) > time;
    }
    case "before": {
      const time = timeOf(images, key, value);
      return (image) => Date.parse(image.created) < time;
    }
    case "until": {
      const time = parseUntil(value);
      return (image) => Date.parse(image.created) < time;
    }
    case "containers":
      return containersTest(value, context);
    case "dangling": {
      const expected = boolean(key, value);
      return (image) => tree.isDangling(image) === expected;
    }
    case "intermediate": {
      const expected = boolean(key, value);
      return (image) => tree.isIntermediate(image) === expected;
    }
    case "readonly": {
      const expected = boolean(key, value);
      return (image) => image.readOnly === expected;
    }
    case "manifest": {
      const expected = boolean(key, value);
      return (image) => isManifestList(images.store, image) === expected;
    }
    case "id":
      return (image) => image.id.startsWith(value);
    case "digest":
      if (!value.startsWith("sha256:")) throw new ToolError("invalid-argument", `invalid value "${value}" for digest filter`);
      return (image) => manifestDigests(image).some((digest) => digest.startsWith(value));
    case "label":
      return (image) => labelMatches(labelsOf(images, image), value);
    default:
      throw invalidFilter(key);
  }
}

function timeOf(images: FilterContext["images"], key: string, name: string): number {
  try {
    return Date.parse(requireLocalImage(images, name).image.created);
  } catch (error) {
    throw wrapError(`could not find local image for filter "${key}"="${name}"`, error);
  }
}

/** Go's ParseBool. The message names key and value the wrong way round, as the original's does. */
function boolean(key: string, value: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
  throw new ToolError(
    "invalid-argument",
    `non-boolean value "${key}" for ${value} filter: strconv.ParseBool: parsing "${value}": invalid syntax`,
  );
}

function containersTest(value: string, context: FilterContext): Test {
  const containers = (image: ImageRecord): readonly string[] =>
    context.images.store.containers
      .list()
      .filter((container) => container.image === image.id)
      .map((container) => container.id);
  if (value === "true" || value === "false") return (image) => containers(image).length > 0 === (value === "true");
  const external = context.isExternalContainer;
  if (value !== "external" || external === undefined) {
    throw new ToolError("invalid-argument", `unsupported value "${value}" for containers filter`);
  }
  return (image) => containers(image).every((id) => external(id));
}

function labelsOf(images: FilterContext["images"], image: ImageRecord): Readonly<Record<string, string>> {
  const bytes = rawImageConfig(images.store, image.id);
  return bytes === undefined ? {} : (parseImageConfig(bytes, image.id).config.Labels ?? {});
}

/** `KEY` is there, or `KEY=VALUE` is what it says; `*` stands for anything in either. */
export function labelMatches(labels: Readonly<Record<string, string>>, filter: string): boolean {
  const equals = filter.indexOf("=");
  const key = equals === -1 ? filter : filter.slice(0, equals);
  const value = equals === -1 ? undefined : filter.slice(equals + 1);
  return Object.entries(labels).some(([name, text]) => wildcard(key, name) && (value === undefined || wildcard(value, text)));
}

function wildcard(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  return new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "s",
  ).test(text);
}

function matchesReference(context: FilterContext, image: ImageRecord, pattern: string): boolean {
  return resolvesTo(context, image, pattern) || image.names.some((name) => nameForms(name).some((form) => matchesPattern(pattern, form)));
}

function resolvesTo(context: FilterContext, image: ImageRecord, name: string): boolean {
  try {
    return resolveLocalImage(context.images, name)?.image.id === image.id;
  } catch {
    // A pattern is seldom a name.
    return false;
  }
}

/** The ways to write a stored name that a pattern may match: with and without host, path, tag or digest. */
function nameForms(name: string): readonly string[] {
  const { repository } = splitName(name);
  const suffix = name.slice(repository.length);
  const path = hasRegistry(repository) ? repository.slice(repository.indexOf("/") + 1) : repository;
  const last = repository.slice(repository.lastIndexOf("/") + 1);
  return [name, path, `${last}${suffix}`, repository, `${path}${suffix}`, last];
}

function namesLike(image: ImageRecord, pattern: string): readonly string[] {
  const { repository, tag, digest } = splitName(pattern);
  if (!hasRegistry(repository) || (tag === undefined && digest === undefined)) return image.names;
  try {
    const reference = parseNormalizedName(pattern);
    return image.names.filter((name) =>
      digest === undefined ? name === reference.toString() : splitName(name).repository === reference.name,
    );
  } catch {
    return image.names;
  }
}
