import { describeError, ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "../local-images/local-images.ts";
import { sortKeys } from "../manifest/go-json.ts";
import { guessMediaType } from "../manifest/guess-media-type.ts";
import { DOCKER_MANIFEST } from "../manifest/media-types.ts";
import { platformJson } from "../manifest/oci.ts";
import { resolveShortName } from "../registries-conf/short-names.ts";
import { parseImageName } from "../transports/register.ts";
import type { Artifacts } from "./artifacts.ts";
import { memberContext } from "./find-member.ts";
import { isEmpty, type ListContent, type ListEntry, parseListContent, preferredListType } from "./list-content.ts";
import { requireList } from "./list-record.ts";

/** A list as `manifest inspect` prints it: Docker's form with OCI's fields added. */
export type InspectedList = Readonly<Record<string, unknown>>;

/**
 * The local list of this name, else what the registry has under it.
 *
 * @throws not-found, unavailable; unsupported when it is no list
 */
export async function inspectList(images: LocalImages, name: string): Promise<InspectedList> {
  try {
    const { content, artifacts } = requireList(images, name);
    return describe(content, artifacts.files, preferredListType(content));
  } catch (error) {
    if (!(error instanceof ToolError) || (error.code !== "image-unknown" && error.code !== "not-a-manifest-list")) throw error;
  }
  return await inspectRemote(images, name);
}

async function inspectRemote(images: LocalImages, name: string): Promise<InspectedList> {
  const { candidates } = resolveShortName(name.startsWith("docker://") ? name.slice("docker://".length) : name, images.registry);
  const failures: string[] = [];
  let first: unknown;
  for (const candidate of candidates) {
    const reference = parseImageName(`docker://${candidate.toString()}`);
    try {
      const source = await reference.openSource(memberContext(images));
      try {
        return inspectBytes((await source.manifest()).bytes);
      } finally {
        await source.close();
      }
    } catch (error) {
      if (error instanceof ToolError && error.code === "not-a-manifest-list") throw error;
      first ??= error;
      failures.push(`reading image "docker://${candidate.toString()}": ${describeError(error)}`);
    }
  }
  throw new ToolError(first instanceof ToolError ? first.kind : "internal", failures.join("\n"), { cause: first });
}

function inspectBytes(bytes: Uint8Array): InspectedList {
  const mediaType = guessMediaType(bytes);
  // Docker's own command shows a single image as well.
  if (mediaType === DOCKER_MANIFEST) return { schemaVersion: 2, mediaType, manifests: null };
  return describe(parseListContent(bytes), {}, mediaType);
}

function describe(list: ListContent, files: Artifacts["files"], mediaType: string): InspectedList {
  return {
    schemaVersion: 2,
    mediaType,
    artifactType: list.artifactType,
    manifests: list.entries.length === 0 ? null : list.entries.map((entry) => describeEntry(entry, files[entry.digest])),
    subject: list.subject === undefined ? undefined : describeEntry(list.subject, undefined),
    annotations: isEmpty(list.annotations) ? undefined : sortKeys(list.annotations ?? {}),
  };
}

function describeEntry(entry: ListEntry, files: readonly string[] | undefined): Readonly<Record<string, unknown>> {
  return {
    mediaType: entry.mediaType,
    size: entry.size,
    digest: entry.digest,
    urls: entry.urls,
    platform: { ...platformJson(entry.platform ?? { os: "", architecture: "" }), features: entry.features },
    annotations: isEmpty(entry.annotations) ? undefined : sortKeys(entry.annotations ?? {}),
    artifactType: entry.artifactType,
    data: entry.data,
    files: files === undefined || files.length === 0 ? undefined : files,
  };
}
