import { ToolError } from "@containers/common/errors/tool-error";
import type { RemoveImagesResult } from "@containers/image/local-images/remove";
import type { RegistryAccess } from "@containers/image/transports/transport";
import { registryAuthHeader } from "../registry-headers.ts";
import { deleteJson, exists, getJson, postJson, readJson, type Service, segment } from "../service.ts";
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

/** What is changed of a list: `update` adds images (names), `remove` takes entries (digests) out. */
export interface ListChange {
  readonly operation: "update" | "remove";
  readonly images: readonly string[];
  readonly all?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly arch?: string | undefined;
  readonly os?: string | undefined;
  readonly os_version?: string | undefined;
  readonly variant?: string | undefined;
}

/** Changes a list and gives its id. */
export async function changeList(service: Service, name: string, change: ListChange, access: RegistryAccess): Promise<string> {
  const body = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const headers = registryAuthHeader(access);
  const response = await service.request("PUT", `/manifests/${segment(name)}`, { query: { tlsVerify: access.tlsVerify }, body, headers });
  const answer = record(await readJson(response));
  const [failure] = texts(answer["errors"]);
  if (failure !== undefined) throw new ToolError("internal", failure);
  return text(answer["Id"]);
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
