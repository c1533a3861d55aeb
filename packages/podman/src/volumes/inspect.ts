import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../engine/engine.ts";
import type { VolumeRecord } from "../state/state.ts";
import { isPluginVolume, volumePath } from "./volume-path.ts";

/** A volume and what its plugin says of it. */
export type ShownVolume = VolumeRecord & { readonly status?: Readonly<Record<string, unknown>> };

/** Asks the volume's plugin, where it has one; one that does not answer has nothing to say. */
export async function withStatus(engine: Pick<Engine, "config">, volume: VolumeRecord): Promise<ShownVolume> {
  if (!isPluginVolume(volume)) return volume;
  const { statusInPlugin } = await import("./plugin.ts");
  const status = await statusInPlugin(engine, volume);
  return status === undefined ? volume : { ...volume, status };
}

/** A volume with the keys and order of `podman volume inspect`. */
export function describeVolume(volume: ShownVolume): Record<string, unknown> {
  const { uid, gid } = volume;
  return {
    Name: volume.name,
    Driver: volume.driver,
    Mountpoint: volumePath(volume),
    CreatedAt: volume.createdAt,
    ...(volume.status === undefined ? {} : { Status: volume.status }),
    Labels: volume.labels,
    Scope: "local",
    Options: volume.options,
    ...(uid === 0 ? {} : { UID: uid }),
    ...(gid === 0 ? {} : { GID: gid }),
    ...(volume.anonymous ? { Anonymous: true } : {}),
    MountCount: volume.mounters?.length ?? 0,
    ...(volume.needsCopyUp ? { NeedsCopyUp: true } : {}),
    ...(volume.needsChown ? { NeedsChown: true } : {}),
    ...(volume.timeout === undefined ? {} : { Timeout: volume.timeout }),
    ...(volume.storageId === undefined ? {} : { StorageID: volume.storageId }),
    LockNumber: 0,
  };
}

/** Fields that templates may name although JSON leaves them out when empty. */
export function volumeTemplateData(volume: ShownVolume): Record<string, unknown> {
  return {
    Status: {},
    Timeout: 0,
    StorageID: "",
    ...describeVolume(volume),
    UID: volume.uid,
    GID: volume.gid,
    Anonymous: volume.anonymous,
    NeedsCopyUp: volume.needsCopyUp,
    NeedsChown: volume.needsChown,
  };
}

/** @throws not-found, invalid-argument when a prefix fits several */
export function resolveVolume(
  engine: Pick<Engine, "state">,
  reference: string,
  { exitCode }: { readonly exitCode: number } = { exitCode: 1 },
): VolumeRecord {
  const volume = engine.state.volumes.resolve(reference);
  if (volume === undefined)
    throw new ToolError("not-found", `no volume with name ${JSON.stringify(reference)} found: no such volume`, { exitCode });
  return volume;
}
