import type { ByteStream } from "@containers/common/digest/byte-stream";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { TargetReport } from "../../containers/options.ts";
import type { VolumeRecord } from "../../state/state.ts";
import type { CreateVolumeOptions } from "../../volumes/create.ts";
import { pruneReports, removalExit } from "../containers/deeds.ts";
import { filterQuery } from "../images/list.ts";
import { deleteJson, exists, getJson, postJson, type Service, segment } from "../service.ts";
import { number, record, records, text, textMap, type Wire } from "../wire.ts";

/** Makes a volume and gives its name. */
export async function createVolume(service: Service, wanted: CreateVolumeOptions): Promise<string> {
  const body = {
    Name: wanted.name ?? "",
    Driver: wanted.driver,
    Label: wanted.labels,
    Options: wanted.options,
    IgnoreIfExists: wanted.ignore ?? false,
    ...(wanted.uid === undefined ? {} : { UID: wanted.uid }),
    ...(wanted.gid === undefined ? {} : { GID: wanted.gid }),
  };
  return text(record(await postJson(service, "/volumes/create", { body }))["Name"]);
}

export async function listVolumes(service: Service, filters: readonly string[]): Promise<VolumeRecord[]> {
  return records(await getJson(service, "/volumes/json", { filters: filterQuery(filters) })).map(volumeRecord);
}

/** @throws ToolError not-found */
export async function findVolume(service: Service, reference: string): Promise<VolumeRecord> {
  try {
    return volumeRecord(record(await getJson(service, `/volumes/${segment(reference)}/json`)));
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) throw new ToolError("not-found", `no such volume ${JSON.stringify(reference)}`);
    throw error;
  }
}

export function volumeExists(service: Service, name: string): Promise<boolean> {
  return exists(service, `/volumes/${segment(name)}/exists`);
}

/** A missing volume has the exit code 1, one in use 2; with `force` a missing one is passed over. */
export async function removeVolumes(
  service: Service,
  references: readonly string[],
  options: { readonly force: boolean; readonly timeout?: number | undefined },
): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      await deleteJson(service, `/volumes/${segment(reference)}`, { force: options.force, timeout: options.timeout });
      reports.push({ reference, id: reference, name: reference });
    } catch (error) {
      if (options.force && isErrorOfKind(error, "not-found")) continue;
      reports.push({ reference, error: removalExit(error) });
    }
  }
  return reports;
}

export async function pruneVolumes(service: Service, filters: readonly string[]): Promise<TargetReport[]> {
  return pruneReports(await postJson(service, "/volumes/prune", { query: { filters: filterQuery(filters) } }));
}

/** A volume's files as a tar stream. @throws ToolError not-found */
export async function exportVolume(service: Service, name: string): Promise<ByteStream> {
  return (await service.request("GET", `/volumes/${segment(name)}/export`)).stream();
}

/** Unpacks a tar archive, compressed or not, into a volume. @throws ToolError not-found */
export async function importVolume(service: Service, name: string, archive: ByteStream): Promise<void> {
  const headers = { "content-type": "application/x-tar" };
  await (await service.request("POST", `/volumes/${segment(name)}/import`, { body: archive, headers })).discard();
}

function volumeRecord(wire: Wire): VolumeRecord {
  return {
    name: text(wire["Name"]),
    driver: text(wire["Driver"]),
    mountPoint: text(wire["Mountpoint"]),
    createdAt: text(wire["CreatedAt"]),
    labels: textMap(wire["Labels"]),
    options: textMap(wire["Options"]),
    uid: number(wire["UID"]),
    gid: number(wire["GID"]),
    anonymous: wire["Anonymous"] === true,
    mounters: Array.from({ length: number(wire["MountCount"]) }, () => ""),
    needsCopyUp: wire["NeedsCopyUp"] === true,
    needsChown: wire["NeedsChown"] === true,
  };
}
