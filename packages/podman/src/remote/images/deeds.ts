import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ImportOptions } from "@containers/image/local-images/import";
import type { RemoveImageReport } from "@containers/image/local-images/remove";
import { splitName } from "@containers/image/registries-conf/alias-name";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { registryAuthHeader } from "../registry-headers.ts";
import { deleteJson, jsonLines, post, postJson, type Service, segment } from "../service.ts";
import { number, record, records, text, texts } from "../wire.ts";
import { filterQuery, imagePath } from "./list.ts";

export async function tagImage(service: Service, name: string, tags: readonly string[]): Promise<void> {
  for (const tag of tags) {
    const { repository, tag: version = "latest" } = splitName(tag);
    await post(service, imagePath(name, "tag"), { repo: repository, tag: version });
  }
}

/** Takes names from an image; without names, all of them. */
export async function untagImage(service: Service, name: string, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return post(service, imagePath(name, "untag"));
  for (const tag of tags) {
    const { repository, tag: version = "latest" } = splitName(tag);
    await post(service, imagePath(name, "untag"), { repo: repository, tag: version });
  }
}

export interface RemoteRemoval {
  readonly reports: readonly RemoveImageReport[];
  readonly errors: readonly Error[];
  /** Of the whole command. */
  readonly exitCode: number;
}

export async function removeImages(
  service: Service,
  names: readonly string[],
  options: { readonly force: boolean; readonly ignore: boolean; readonly noPrune: boolean; readonly all: boolean },
): Promise<RemoteRemoval> {
  const query = { images: names, force: options.force, ignore: options.ignore, noprune: options.noPrune, all: options.all };
  const answer = record(await deleteJson(service, "/images/remove", query));
  const nothing = { removed: false, size: 0 };
  return {
    reports: [
      ...texts(answer["Untagged"]).map((name) => ({ ...nothing, id: "", untagged: [name] })),
      ...texts(answer["Deleted"]).map((id) => ({ ...nothing, id, removed: true, untagged: [] })),
    ],
    errors: texts(answer["Errors"]).map((message) => new ToolError("internal", message)),
    exitCode: number(answer["ExitCode"]),
  };
}

export async function pruneImages(
  service: Service,
  options: { readonly all: boolean; readonly external: boolean; readonly filters: readonly string[] },
): Promise<ReadonlyArray<{ readonly id: string; readonly size: number }>> {
  const query = { all: options.all, external: options.external, filters: filterQuery(options.filters) };
  return records(await postJson(service, "/images/prune", { query })).map((one) => {
    if (text(one["Err"]) !== "") throw new ToolError("internal", text(one["Err"]));
    return { id: text(one["Id"]), size: number(one["Size"]) };
  });
}

export interface RemotePush {
  readonly destination?: string | undefined;
  /** `oci`, `v2s2`. */
  readonly format?: string | undefined;
  readonly compressionFormat?: string | undefined;
  readonly compressionLevel?: number | undefined;
  readonly forceCompression?: boolean | undefined;
  readonly removeSignatures?: boolean | undefined;
  readonly retry?: number | undefined;
  readonly access: RegistryAccess;
  /** Takes what the service says of its progress; absent: nothing is said. */
  readonly progress?: ((text: string) => void) | undefined;
}

/** Lets the service push an image; gives the manifest's digest, empty when the service does not tell. */
export async function pushImage(service: Service, name: string, options: RemotePush): Promise<string> {
  const { access, progress } = options;
  const response = await service.request("POST", `/images/${segment(name)}/push`, {
    query: {
      destination: options.destination ?? name,
      format: options.format,
      compressionFormat: options.compressionFormat,
      compressionLevel: options.compressionLevel,
      forceCompressionFormat: options.forceCompression,
      removeSignatures: options.removeSignatures,
      quiet: progress === undefined,
      tlsVerify: access.tlsVerify,
      retry: options.retry,
    },
    headers: registryAuthHeader(access),
  });
  let digest = "";
  for await (const line of jsonLines(response)) {
    const report = record(line);
    if (text(report["error"]) !== "") throw new ToolError("unavailable", text(report["error"]), { exitCode: 125 });
    if (text(report["manifestdigest"]) !== "") digest = text(report["manifestdigest"]);
    progress?.(text(report["stream"]));
  }
  return digest;
}

/** Images as an archive; of a format that is a directory, that directory as a tar stream. */
export async function exportImages(
  service: Service,
  names: readonly string[],
  options: { readonly format: string; readonly compress: boolean; readonly acceptUncompressed: boolean },
): Promise<ByteStream> {
  const query = { format: options.format, compress: options.compress, ociAcceptUncompressedLayers: options.acceptUncompressed };
  const response =
    names.length === 1
      ? await service.request("GET", imagePath(names[0] ?? "", "get"), { query })
      : await service.request("GET", "/images/export", { query: { ...query, references: names } });
  return response.stream();
}

/** Loads all images of an archive; gives their names. */
export async function loadImages(service: Service, archive: ByteStream): Promise<readonly string[]> {
  const body = { body: archive, headers: { "content-type": "application/x-tar" } };
  return texts(record(await postJson(service, "/images/load", body))["Names"]);
}

/** Makes an image of a file system archive, or of what a URL holds; gives its id. */
export async function importImage(service: Service, source: string | ByteStream, options: ImportOptions): Promise<string> {
  const answer = await postJson(service, "/images/import", {
    query: {
      changes: options.changes,
      message: options.message,
      reference: options.name,
      OS: options.os,
      Architecture: options.architecture,
      Variant: options.variant,
      url: typeof source === "string" ? source : undefined,
    },
    ...(typeof source === "string" ? {} : { body: source, headers: { "content-type": "application/x-tar" } }),
  });
  return text(record(answer)["Id"]).replace(/^sha256:/, "");
}
