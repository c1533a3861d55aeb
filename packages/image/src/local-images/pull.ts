import { describeError, isErrorOfKind, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { copyImage } from "../copy/copy-image.ts";
import type { CopyReport } from "../copy/copy-options.ts";
import { type NamedReference, withTag } from "../reference/reference.ts";
import { resolveForPull, type ShortNameResolution } from "../registries-conf/short-names.ts";
import { storageReference } from "../transports/containers-storage/reference.ts";
import { parseImageName, transportOf } from "../transports/register.ts";
import type { ImageReference, PlatformChoice } from "../transports/transport.ts";
import { copyOptions } from "./copy-options.ts";
import { rawImageConfig, readImageConfig } from "./image-config.ts";
import { loadImages } from "./load.ts";
import type { LocalImages } from "./local-images.ts";
import { withoutTagOfDigest } from "./normalize-name.ts";
import { platformMismatch } from "./platform.ts";
import type { PullPolicy } from "./pull-policy.ts";
import { differsFromRegistry } from "./registry-digest.ts";
import { imageUnknown, type ResolvedImage, requireLocalImage, resolveLocalImage } from "./resolve-name.ts";
import { retriesFor, withRetries } from "./retry.ts";
import { throughCache } from "./through-cache.ts";

export interface PullOptions {
  readonly policy: PullPolicy;
  readonly platform?: PlatformChoice;
  readonly retries?: number;
  /** Milliseconds. */
  readonly retryDelay?: number;
  /** Signatures stay where the image comes from. */
  readonly removeSignatures?: boolean;
}

/** An image that is in the store now. */
export interface PulledImage {
  readonly id: string;
  /** The full name it has there. */
  readonly name: string;
}

/**
 * Makes sure that an image is in the store, fetching it as the policy says: from registries for a name, from the place for
 * `TRANSPORT:…`. Of a place that holds several images, the first.
 *
 * @throws not-found, denied, unavailable, corrupt: the one candidate's error, or all of them in one
 */
export async function pullImage(images: LocalImages, name: string, options: PullOptions): Promise<PulledImage> {
  const place = elsewhere(name);
  if (place === undefined) return checked(images, await pullFromRegistries(images, registryName(name), options), options);
  const [first] = await pullFromPlace(images, place);
  if (first === undefined) throw new ToolError("not-found", `${name} holds no image`);
  return checked(images, first, options);
}

/** As {@link pullImage}, for all images of an archive. */
export async function pullImages(images: LocalImages, name: string, options: PullOptions): Promise<readonly PulledImage[]> {
  images.debug?.(() => `Pulling image ${name} (policy: ${options.policy})`);
  const place = elsewhere(name);
  const all = place === undefined ? [await pullFromRegistries(images, registryName(name), options)] : await pullFromPlace(images, place);
  return all.map((one) => checked(images, one, options));
}

/** An image for another machine is pulled all the same, and said to be one. */
function checked(images: LocalImages, pulled: PulledImage, { platform }: PullOptions): PulledImage {
  if (rawImageConfig(images.store, pulled.id) === undefined) return pulled;
  const mismatch = platformMismatch(readImageConfig(images.store, pulled.id), platform);
  if (mismatch === undefined) return pulled;
  if (images.report === undefined) images.warn?.(mismatch);
  else images.report(`WARNING: ${mismatch}`);
  return pulled;
}

/** Pulls every tag of a repository. */
export async function pullAllTags(images: LocalImages, name: string, options: PullOptions): Promise<readonly PulledImage[]> {
  const place = elsewhere(name);
  if (place !== undefined) throw new ToolError("unsupported", `pulling all tags is not supported for ${place.transport} transport`);
  const { listTags } = await import("../registry-client/tags.ts");
  const { candidates, record } = resolveForPull(registryName(name), images.registry);
  const [repository] = candidates;
  if (repository === undefined) throw imageUnknown(name);
  const pulled: PulledImage[] = [];
  for (const tag of await listTags(repository, { registry: images.registry, signal: images.signal })) {
    pulled.push(await pullFromRegistries(images, withTag(repository, tag).toString(), options));
  }
  record?.();
  return pulled;
}

/** The place a name with a transport speaks of; undefined for a registry's name. */
function elsewhere(name: string): ImageReference | undefined {
  const transport = transportOf(name);
  return transport === undefined || transport === "docker" ? undefined : parseImageName(name);
}

function registryName(name: string): string {
  return name.startsWith("docker://") ? (parseImageName(name).dockerReference?.toString() ?? name) : name;
}

async function pullFromPlace(images: LocalImages, place: ImageReference): Promise<readonly PulledImage[]> {
  const names = await loadImages(images, place);
  return names.map((name) => ({ id: requireLocalImage(images, name).image.id, name }));
}

async function pullFromRegistries(images: LocalImages, name: string, options: PullOptions): Promise<PulledImage> {
  const chosen = options.platform !== undefined;
  const local = localImage(images, name, options);
  // What stands here under that name may be of another platform than it says: ask the registry.
  const policy: PullPolicy = chosen && (options.policy === "missing" || options.policy === "newer") ? "newer" : options.policy;
  const byId = local?.image.id.startsWith(name.replace(/^sha256:/, "")) === true;
  if (policy === "never" || isDigestName(name)) {
    if (local === undefined) throw imageUnknown(name);
    if (policy !== "always") return pulled(local);
  }
  if (local !== undefined && (policy === "missing" || (byId && policy === "newer"))) return pulled(local);
  if (local !== undefined && byId)
    throw new ToolError("invalid-argument", `pull policy is always but image has been referred to by ID (${name})`);
  const source = local === undefined || chosen ? withoutTagText(name) : local.name;
  return fetchFirst(images, source, { local, newer: policy === "newer", options });
}

/** A manifest list that has no image for the platform here is no image that need not be pulled. */
function localImage(images: LocalImages, name: string, { platform }: PullOptions): ResolvedImage | undefined {
  try {
    return resolveLocalImage(images, name, { platform });
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) return undefined;
    throw error;
  }
}

function pulled(local: ResolvedImage): PulledImage {
  return { id: local.image.id, name: local.name };
}

function isDigestName(name: string): boolean {
  return name.startsWith("sha256:") || /^[0-9a-f]{64}$/.test(name);
}

/** `name:tag@digest` is pulled by its digest. */
function withoutTagText(name: string): string {
  const at = name.indexOf("@");
  const colon = name.lastIndexOf(":", at);
  return at !== -1 && colon > name.lastIndexOf("/", at) ? name.slice(0, colon) + name.slice(at) : name;
}

interface Fetch {
  readonly local?: ResolvedImage;
  /** Only an image that differs from the local one is fetched; a failure to reach the registry leaves the local one. */
  readonly newer: boolean;
  readonly options: PullOptions;
}

async function fetchFirst(images: LocalImages, name: string, fetch: Fetch): Promise<PulledImage> {
  let resolution: ShortNameResolution;
  try {
    resolution = resolveForPull(name, images.registry);
  } catch (error) {
    if (fetch.local !== undefined && fetch.newer) return pulled(fetch.local);
    throw error;
  }
  const failures: unknown[] = [];
  let described = false;
  for (const candidate of resolution.candidates) {
    try {
      if (fetch.newer && fetch.local !== undefined && !(await differsFromRegistry(images, fetch.local.image, candidate))) continue;
      if (!described && resolution.description !== "") images.report?.(resolution.description);
      described = true;
      const fetched = await fetchOne(images, candidate, fetch.options);
      resolution.record?.();
      return fetched;
    } catch (error) {
      if (isErrorOfKind(error, "cancelled")) throw error;
      failures.push(error);
    }
  }
  if (fetch.local !== undefined && fetch.newer) return pulled(fetch.local);
  throw together(failures);
}

async function fetchOne(images: LocalImages, candidate: NamedReference, options: PullOptions): Promise<PulledImage> {
  const name = candidate.toString();
  images.report?.(`Trying to pull ${name}...`);
  const source = parseImageName(`docker://${withoutTagOfDigest(candidate).toString()}`);
  const destination = await throughCache(images, storageReference(images.store, name));
  const copy = async (): Promise<CopyReport> =>
    copyImage(source, destination, {
      ...(await copyOptions(images, { platform: options.platform })),
      removeSignatures: options.removeSignatures === true,
    });
  await withRetries(copy, retriesFor(images, options)).catch((error: unknown) => {
    throw wrapError(`unable to copy from source docker://${source.dockerReference?.toString() ?? name}`, error);
  });
  return { id: requireLocalImage(images, name).image.id, name };
}

function together(failures: readonly unknown[]): unknown {
  const [first, ...others] = failures;
  if (others.length === 0) return first ?? new ToolError("internal", "no image pulled");
  const list = failures.map((failure) => `\n * ${describeError(failure)}`).join("");
  return wrapError(`${failures.length} errors occurred while pulling:${list}`, new ToolError(kindOf(first), ""));
}

function kindOf(error: unknown): ToolError["kind"] {
  return error instanceof ToolError ? error.kind : "internal";
}
