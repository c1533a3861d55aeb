import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import { expandGlob, type SingleVolume } from "../../container-spec/expand-glob.ts";
import { some } from "../present-fields.ts";

/** Images, mounts and devices. */
export function storageFields(spec: Omit<ContainerSpec, "network" | "namespaces" | "security" | "resources">): Record<string, unknown> {
  // A pattern fits the files of this machine, as a path would mean them.
  const volumes = (spec.volumes ?? []).flatMap(expandGlob);
  return {
    image: spec.image ?? "",
    raw_image_name: spec.image,
    image_os: spec.pull?.platform?.os,
    image_arch: spec.pull?.platform?.architecture,
    image_variant: spec.pull?.platform?.variant,
    rootfs: spec.rootfs,
    rootfs_overlay: spec.rootfsOverlay,
    rootfs_mapping: spec.rootfsMapping,
    image_volume_mode: spec.imageVolumes,
    volumes_from: some(spec.volumesFrom),
    mounts: some(volumes.flatMap(mountField)),
    volumes: some(volumes.flatMap(namedVolumeField)),
    overlay_volumes: some(volumes.flatMap(overlayField)),
    image_volumes: some(volumes.flatMap(imageVolumeField)),
    artifact_volumes: some(volumes.flatMap(artifactVolumeField)),
    devices: some(
      (spec.devices ?? []).map(({ source, target, permissions }) => ({
        path: [
          source,
          ...(target === source && permissions === undefined ? [] : [target]),
          ...(permissions === undefined ? [] : [permissions]),
        ].join(":"),
      })),
    ),
    shm_size: spec.shmSize,
    storage_opts: keyed(spec.storageOptions),
    read_only_filesystem: spec.readOnly,
    read_write_tmpfs: spec.readOnly === true && spec.readOnlyTmpfs !== false,
  };
}

function isOverlay(volume: SingleVolume): volume is SingleVolume & { type: "bind" | "volume" } {
  return (volume.type === "bind" || volume.type === "volume") && volume.options.includes("O");
}

function mountField(volume: SingleVolume): object[] {
  if (volume.type === "image" || volume.type === "artifact" || volume.type === "volume" || isOverlay(volume)) return [];
  const source = volume.type === "bind" ? volume.source : volume.type;
  return [{ destination: volume.target, type: volume.type, source, options: volume.options }];
}

function namedVolumeField(volume: SingleVolume): object[] {
  if (volume.type !== "volume" || isOverlay(volume)) return [];
  return [{ Name: volume.name ?? "", Dest: volume.target, Options: volume.options, SubPath: volume.subpath ?? "" }];
}

function overlayField(volume: SingleVolume): object[] {
  if (!isOverlay(volume)) return [];
  return [{ destination: volume.target, source: volume.type === "bind" ? volume.source : volume.name, options: volume.options }];
}

function imageVolumeField(volume: SingleVolume): object[] {
  if (volume.type !== "image") return [];
  return [{ Source: volume.source, Destination: volume.target, ReadWrite: volume.readWrite, subPath: volume.subpath }];
}

function artifactVolumeField(volume: SingleVolume): object[] {
  if (volume.type !== "artifact") return [];
  const { source, target: destination, title, digest, name } = volume;
  return [{ source, destination, title, digest, name }];
}

function keyed(options: readonly string[] | undefined): Record<string, string> | undefined {
  if (options === undefined || options.length === 0) return undefined;
  return Object.fromEntries(options.map((option) => [option.split("=")[0] ?? "", option.slice(option.indexOf("=") + 1)]));
}
