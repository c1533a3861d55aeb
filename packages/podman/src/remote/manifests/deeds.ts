import { basename } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { RemoveImagesResult } from "@containers/image/local-images/remove";
import { readFileStream } from "@containers/image/transports/blob-file";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { fileForm } from "../form.ts";
import { registryAuthHeader } from "../registry-headers.ts";
import { deleteJson, exists, getJson, jsonLines, postJson, readJson, type Service, segment } from "../service.ts";
import { record, text, texts } from "../wire.ts";

/** Makes a manifest list out of images and gives its id. */
export async function createList(
  service: Service,
  name: string,
  images: readonly string[],
  options: {
    readonly all: boolean;
    readonly amend: boolean;
    readonly annotations: Readonly<Record<string, string>>;
    readonly access: RegistryAccess;
  },
): Promise<string> {
  const answer = await postJson(service, `/manifests/${segment(name)}`, {
    query: { images, all: options.all, amend: options.amend, tlsVerify: options.access.tlsVerify },
    headers: registryAuthHeader(options.access),
    ...(Object.keys(options.annotations).length === 0 ? {} : { body: { annotations: options.annotations } }),
  });
  return text(record(answer)["Id"]);
}

export function listExists(service: Service, name: string): Promise<boolean> {
  return exists(service, `/manifests/${segment(name)}/exists`);
}

/** The list as the service says it. */
export function inspectList(service: Service, name: string, access: RegistryAccess): Promise<unknown> {
  return getJson(service, `/manifests/${segment(name)}/json`, { tlsVerify: access.tlsVerify });
}

/**
 * What is changed of a list: `update` adds images (names), `remove` takes entries (digests) out, `annotate` says more of entries, or of the list
 * itself where no image is named.
 */
export interface ListChange {
  readonly operation: "update" | "remove" | "annotate";
  readonly images: readonly string[];
  readonly all?: boolean;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly index_annotations?: Readonly<Record<string, string>> | undefined;
  readonly arch?: string | undefined;
  readonly features?: readonly string[] | undefined;
  readonly os?: string | undefined;
  readonly os_features?: readonly string[] | undefined;
  readonly os_version?: string | undefined;
  readonly subject?: string | undefined;
  readonly variant?: string | undefined;
  /** Files of this machine of which `update` makes an artifact, and what is said of that. */
  readonly files?: readonly string[];
  readonly artifact_type?: string | undefined;
  readonly artifact_config?: string | undefined;
  readonly artifact_config_type?: string | undefined;
  readonly artifact_layer_type?: string | undefined;
  readonly artifact_exclude_titles?: boolean | undefined;
}

const DOING = { update: "adding to", remove: "removing from", annotate: "annotating to" } as const;

/** Changes a list and gives its id. What failed of it is told by the answer, whatever its status. */
export async function changeList(service: Service, name: string, change: ListChange, access: RegistryAccess): Promise<string> {
  const { files, ...fields } = change;
  const told = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  try {
    const query = { tlsVerify: access.tlsVerify };
    const { body, headers } = files === undefined ? { body: told, headers: {} } : formOf(told, files);
    const response = await service.request("PUT", `/manifests/${segment(name)}`, {
      query,
      body,
      headers: { ...registryAuthHeader(access), ...headers },
      accept: [400, 409],
    });
    const answer = record(await readJson(response));
    const [failure = text(answer["message"])] = texts(answer["errors"]);
    if (failure !== "") throw new ToolError("internal", failure);
    return text(answer["Id"]);
  } catch (error) {
    throw wrapError(`${DOING[change.operation]} manifest list ${name}`, error);
  }
}

/** The change as the first part of a form, then the files. */
function formOf(told: object, files: readonly string[]) {
  const form = fileForm(
    files.map((file) => ({ name: basename(file), fileName: basename(file), content: () => readFileStream(file) })),
    [{ type: "application/json", text: JSON.stringify({ ...told, artifact_files: files.map((file) => basename(file)) }) }],
  );
  return { body: form.stream, headers: { "content-type": form.contentType } };
}

/** What of a push the service is told, besides the destination. */
export interface RemoteListPush {
  readonly all: boolean;
  /** `oci`, `v2s2`. */
  readonly format?: string | undefined;
  readonly compressionFormat?: string | undefined;
  readonly compressionLevel?: number | undefined;
  readonly forceCompression?: boolean | undefined;
  readonly addCompression?: readonly string[];
  readonly removeSignatures?: boolean | undefined;
  readonly access: RegistryAccess;
  /** Takes what the service says of its progress; absent: nothing is said. */
  readonly progress?: ((text: string) => void) | undefined;
}

/** Lets the service push a list; gives the digest that it has there. */
export async function pushList(service: Service, name: string, destination: string, options: RemoteListPush): Promise<string> {
  try {
    return await pushStreamed(service, name, destination, options);
  } catch (error) {
    throw wrapError(`pushing manifest list ${name}`, error);
  }
}

async function pushStreamed(service: Service, name: string, destination: string, options: RemoteListPush): Promise<string> {
  const { access, progress } = options;
  const response = await service.request("POST", `/manifests/${segment(name)}/registry/${segment(destination)}`, {
    query: {
      all: options.all,
      format: options.format,
      compressionFormat: options.compressionFormat,
      compressionLevel: options.compressionLevel,
      forceCompressionFormat: options.forceCompression,
      addCompression: options.addCompression,
      removeSignatures: options.removeSignatures,
      quiet: progress === undefined,
      tlsVerify: access.tlsVerify,
    },
    headers: registryAuthHeader(access),
  });
  for await (const line of jsonLines(response)) {
    const report = record(line);
    if (text(report["error"]) !== "") throw new ToolError("unavailable", text(report["error"]), { exitCode: 125 });
    if (text(report["Id"]) !== "") return text(report["Id"]);
    progress?.(text(report["stream"]));
  }
  return "";
}

export async function removeLists(service: Service, names: readonly string[], ignore: boolean): Promise<RemoveImagesResult> {
  const untagged: string[] = [];
  const reports: Array<RemoveImagesResult["reports"][number]> = [];
  const errors: Error[] = [];
  for (const name of names) {
    try {
      const answer = record(await deleteJson(service, `/manifests/${segment(name)}`, { ignore }));
      untagged.push(...texts(answer["Untagged"]));
      for (const id of texts(answer["Deleted"])) reports.push({ id, removed: true, untagged: [], size: 0 });
      errors.push(...texts(answer["Errors"]).map((failure) => new ToolError("internal", failure)));
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return { reports: [{ id: "", removed: false, untagged, size: 0 }, ...reports], errors };
}
