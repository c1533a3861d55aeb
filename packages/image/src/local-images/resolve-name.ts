import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { ImageRecord } from "@containers/storage/store";
import { type NamedReference, withDefaultTag } from "../reference/reference.ts";
import { hasRegistry, parseTypedName, splitName } from "../registries-conf/alias-name.ts";
import { localCandidates } from "../registries-conf/short-names.ts";
import type { PlatformChoice } from "../transports/transport.ts";
import { manifestDigests, readImageConfig } from "./image-config.ts";
import type { LocalImages } from "./local-images.ts";
import { withoutTagOfDigest } from "./normalize-name.ts";
import { machinePlatform, platformMatches } from "./platform.ts";
import { isManifestList, readStoredManifest } from "./stored-manifest.ts";

export interface ResolveOptions {
  /** Only an image of this platform counts. */
  readonly platform?: PlatformChoice;
  /** What a manifest list stands for: the instance for the platform (default), the list itself, or the list where no instance is there. */
  readonly manifestList?: "instance" | "list" | "list-without-instance";
}

export interface ResolvedImage {
  readonly image: ImageRecord;
  /** The name it was found under: a full name, or the id as given. */
  readonly name: string;
}

/**
 * The local image that a name means: `containers-storage:` references, ids and unique prefixes of ids, digests, full names, then short names
 * as aliases, `localhost/`, search registries and docker.io have them, at last any image whose repository ends like it.
 *
 * @returns undefined when there is none
 * @throws invalid-argument for something that can be no name
 */
export function resolveLocalImage(
  images: Pick<LocalImages, "store" | "registry">,
  name: string,
  options: ResolveOptions = {},
): ResolvedImage | undefined {
  const text = name.startsWith("containers-storage:") ? storageName(name) : name;
  const id = text.replace(/^(sha256:|@)/, "");
  if (/^[0-9a-f]{64}$/.test(id)) return byIdOrDigest(images, text, id, options);
  if (text.startsWith("sha256:")) throw new ToolError("invalid-argument", `${text}: invalid format: no 64-byte hexadecimal value`);
  const typed = parseTyped(text);
  const wanted = typed.tag !== undefined && typed.digest !== undefined ? withoutTag(text) : text;
  for (const candidate of candidates(images, wanted, typed)) {
    const found = acceptable(images, byName(images, candidate), candidate.toString(), options);
    if (found !== undefined) return found;
  }
  const direct = acceptable(images, images.store.images.get(wanted), wanted, options);
  return direct ?? byRepositoryEnd(images, wanted, options);
}

/**
 * As {@link resolveLocalImage}, for commands that need the image.
 *
 * @throws not-found `NAME: image not known`
 */
export function requireLocalImage(
  images: Pick<LocalImages, "store" | "registry">,
  name: string,
  options: ResolveOptions = {},
): ResolvedImage {
  const found = resolveLocalImage(images, name, options);
  if (found === undefined) throw imageUnknown(name);
  return found;
}

export function imageUnknown(name: string): ToolError {
  return new ToolError("not-found", `${name}: image not known`, { code: "image-unknown" });
}

function storageName(name: string): string {
  const rest = name.slice("containers-storage:".length);
  return rest.startsWith("[") ? rest.slice(rest.indexOf("]") + 1) : rest;
}

function withoutTag(text: string): string {
  const { repository, digest } = splitName(text);
  return `${repository}@${digest ?? ""}`;
}

function parseTyped(text: string): NamedReference {
  try {
    return parseTypedName(text);
  } catch (error) {
    throw wrapError(`parsing reference "${text}"`, error);
  }
}

function byIdOrDigest(
  images: Pick<LocalImages, "store" | "registry">,
  text: string,
  hex: string,
  options: ResolveOptions,
): ResolvedImage | undefined {
  const byId = images.store.images.get(hex) ?? images.store.images.findByDigest(`sha256:${hex}`)[0];
  return acceptable(images, byId, text.replace(/^@/, ""), options);
}

function candidates(images: Pick<LocalImages, "registry">, wanted: string, typed: NamedReference): readonly NamedReference[] {
  return [...localCandidates(wanted, images.registry), withDefaultTag(withoutTagOfDigest(typed))];
}

/** A name with a digest is found under any tag of the same repository. */
function byName(images: Pick<LocalImages, "store">, reference: NamedReference): ImageRecord | undefined {
  const exact = images.store.images.get(reference.toString());
  if (exact !== undefined || reference.digest === undefined) return exact;
  const sameDigest = images.store.images.findByDigest(reference.digest);
  return sameDigest.find((image) => image.names.some((name) => splitName(name).repository === reference.name));
}

function acceptable(
  images: Pick<LocalImages, "store" | "registry">,
  image: ImageRecord | undefined,
  name: string,
  options: ResolveOptions,
): ResolvedImage | undefined {
  if (image === undefined) return undefined;
  if (isManifestList(images.store, image)) return instanceOf(images, image, name, options);
  if (options.platform === undefined || image.id.startsWith(name)) return { image, name };
  const config = readImageConfig(images.store, image.id);
  return platformMatches(options.platform, config) ? { image, name } : undefined;
}

function instanceOf(
  images: Pick<LocalImages, "store">,
  list: ImageRecord,
  name: string,
  options: ResolveOptions,
): ResolvedImage | undefined {
  if (options.manifestList === "list") return { image: list, name };
  const platform = { ...machinePlatform(), ...options.platform };
  for (const instance of readStoredManifest(images.store, list)?.instances ?? []) {
    if (instance.platform === undefined || !platformMatches(platform, instance.platform)) continue;
    const image = images.store.images.findByDigest(instance.digest)[0];
    if (image !== undefined) return { image, name };
  }
  if (options.manifestList === "list-without-instance") return { image: list, name };
  throw new ToolError("not-found", `${name}: no image in the manifest list for ${platform.os}/${platform.architecture}: image not known`, {
    code: "image-unknown",
  });
}

/** `demo/bb` finds `quay.io/demo/bb:latest`. */
function byRepositoryEnd(
  images: Pick<LocalImages, "store" | "registry">,
  wanted: string,
  options: ResolveOptions,
): ResolvedImage | undefined {
  const { repository, tag, digest } = splitName(wanted);
  if (hasRegistry(repository)) return undefined;
  for (const image of images.store.images.list()) {
    const name = image.names.find((candidate) => {
      const parts = splitName(candidate);
      const tagMatches = digest !== undefined || parts.tag === (tag ?? "latest");
      return tagMatches && (parts.repository === repository || parts.repository.endsWith(`/${repository}`));
    });
    if (name === undefined || (digest !== undefined && !manifestDigests(image).includes(digest))) continue;
    const found = acceptable(images, image, digest === undefined ? name : `${splitName(name).repository}@${digest}`, options);
    if (found !== undefined) return found;
  }
  return undefined;
}
