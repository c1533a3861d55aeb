import { readAll } from "@containers/common/digest/byte-stream";
import { verifyBytes } from "@containers/common/digest/digest";
import { wrapError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "../local-images/local-images.ts";
import { choosePlatform } from "../manifest/choose-platform.ts";
import type { ImageManifest } from "../manifest/manifest.ts";
import { manifestDigest, verifyManifest } from "../manifest/manifest-digest.ts";
import { DOCKER_CONFIG, isListType, isSchema1, OCI_CONFIG } from "../manifest/media-types.ts";
import { MAX_CONFIG_BYTES, parseImageConfig, parseManifest } from "../manifest/parse.ts";
import type { ImageReference, ImageSource, PlatformChoice, RawManifest } from "../transports/transport.ts";
import { findMember, memberContext } from "./find-member.ts";
import { addEntry, type ListContent, type ListEntry, parseListContent } from "./list-content.ts";
import { changeList } from "./list-record.ts";

export interface AddOptions {
  /** Of a list, all of its images; else the one for the platform. */
  readonly all?: boolean;
  readonly platform?: PlatformChoice;
}

/**
 * Adds an image, or images of a list, to the list with this id. Nothing is copied: the list remembers where they are.
 *
 * @returns the digest of the (first) entry
 */
export async function addToList(images: LocalImages, id: string, name: string, options: AddOptions = {}): Promise<string> {
  const reference = await findMember(images, name, "image to add to manifest list");
  const entries = await describeEntries(images, reference, options);
  await changeList(images.store, id, (list) => {
    const content = entries.reduce<ListContent>((sum, entry) => addEntry(sum, entry), list.content);
    const place = `${reference.transport}:${reference.withinTransport}`;
    const instances = Object.fromEntries(entries.map(({ digest }) => [digest, list.instances[digest] ?? place]));
    return { ...list, content, instances: { ...list.instances, ...instances } };
  });
  return entries[0]?.digest ?? "";
}

async function describeEntries(images: LocalImages, reference: ImageReference, options: AddOptions): Promise<readonly ListEntry[]> {
  const place = `${reference.transport}:${reference.withinTransport}`;
  const source = await reference.openSource(memberContext(images));
  try {
    const raw = await source.manifest();
    if (!isListType(raw.mediaType)) return [await describeImage(source, raw)];
    const list = parseListContent(raw.bytes);
    const chosen = options.all === true ? list.entries : [chooseEntry(list, raw.mediaType, options.platform)];
    return await Promise.all(chosen.map(async (entry) => await completeEntry(source, entry)));
  } catch (error) {
    throw wrapError(`reading manifest from "${place}"`, error);
  } finally {
    await source.close();
  }
}

function chooseEntry(list: ListContent, mediaType: string, platform: PlatformChoice | undefined): ListEntry {
  const chosen = choosePlatform({ kind: "list", mediaType, manifests: list.entries, namesMediaType: true }, platform);
  return list.entries.find((entry) => entry.digest === chosen.digest) ?? chosen;
}

/** An entry of another list; where that one does not say the platform, the image itself does. */
async function completeEntry(source: ImageSource, entry: ListEntry): Promise<ListEntry> {
  const raw = await source.manifest(entry.digest);
  verifyManifest(raw.bytes, entry.digest);
  if (entry.platform !== undefined && entry.platform.os !== "" && entry.platform.architecture !== "") return entry;
  return { ...(await describeImage(source, raw)), ...entry, platform: (await describeImage(source, raw)).platform };
}

async function describeImage(source: ImageSource, raw: RawManifest): Promise<ListEntry> {
  const entry: ListEntry = { mediaType: raw.mediaType, digest: manifestDigest(raw.bytes), size: raw.bytes.length };
  // Docker's first schema has no config that tells the platform, and the original asks nothing else.
  if (isSchema1(raw.mediaType)) return entry;
  const manifest = parseManifest(raw.bytes, raw.mediaType);
  if (manifest.kind !== "image") return entry;
  if (manifest.artifactType !== undefined) return { ...entry, artifactType: manifest.artifactType };
  if (manifest.config.mediaType !== OCI_CONFIG && manifest.config.mediaType !== DOCKER_CONFIG) return entry;
  return { ...entry, ...(await platformOf(source, manifest)) };
}

async function platformOf(source: ImageSource, manifest: ImageManifest): Promise<Pick<ListEntry, "platform">> {
  const { stream } = await source.blob(manifest.config);
  const bytes = await readAll(stream, MAX_CONFIG_BYTES, `config ${manifest.config.digest}`);
  verifyBytes(bytes, manifest.config.digest, `config ${manifest.config.digest}`);
  const config = parseImageConfig(bytes) as ReturnType<typeof parseImageConfig> & { "os.version"?: unknown; "os.features"?: unknown };
  if (!config.os && !config.architecture) return {};
  const features = config["os.features"];
  return {
    platform: {
      os: config.os ?? "",
      architecture: config.architecture ?? "",
      ...(config.variant ? { variant: config.variant } : {}),
      ...(typeof config["os.version"] === "string" && config["os.version"] !== "" ? { osVersion: config["os.version"] } : {}),
      ...(Array.isArray(features) && features.length > 0 ? { osFeatures: features.map(String) } : {}),
    },
  };
}
