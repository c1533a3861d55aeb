import { ToolError } from "@containers/common/errors/tool-error";
import type { DeviceSpec } from "@containers/common/mount-syntax/parse-device";
import { parseDevice } from "@containers/common/mount-syntax/parse-device";
import type { VolumeSpec } from "../../container-spec/volume-spec.ts";
import type { SpecGenerator } from "./spec-generator-shape.ts";

type WithVolumes = Pick<SpecGenerator, "mounts" | "volumes" | "overlay_volumes" | "image_volumes"> &
  Partial<Pick<SpecGenerator, "artifact_volumes">>;

/** Everything that is mounted into a container or a pod. */
export function readVolumes(wire: WithVolumes): VolumeSpec[] {
  return [
    ...(wire.mounts ?? []).map(readMount),
    ...(wire.volumes ?? []).map(readNamedVolume),
    ...(wire.overlay_volumes ?? []).map(({ source = "", destination = "", options = [] }): VolumeSpec => {
      return { type: "bind", source, target: destination, options: options.includes("O") ? options : ["O", ...options] };
    }),
    ...(wire.image_volumes ?? []).map(({ Source = "", Destination = "", ReadWrite = false, subPath }): VolumeSpec => {
      return { type: "image", source: Source, target: Destination, readWrite: ReadWrite, ...(subPath ? { subpath: subPath } : {}) };
    }),
    ...(wire.artifact_volumes ?? []).map(({ source = "", destination = "", title, digest, name }): VolumeSpec => {
      return {
        type: "artifact",
        source,
        target: destination,
        ...(title ? { title } : {}),
        ...(digest ? { digest } : {}),
        ...(name ? { name } : {}),
      };
    }),
  ];
}

function readMount({
  type = "",
  source = "",
  destination: target = "",
  options = [],
}: NonNullable<WithVolumes["mounts"]>[number]): VolumeSpec {
  switch (type) {
    case "":
    case "none":
    case "bind":
      return { type: "bind", source: source === "" ? target : source, target, options };
    case "tmpfs":
    case "ramfs":
    case "devpts":
      return { type, target, options };
    case "volume":
      return { type, ...(source === "" ? {} : { name: source }), target, options };
    case "image":
      return { type, source, target, readWrite: options.includes("rw") };
    default:
      throw new ToolError("unsupported", `mounts of type ${type} are not supported yet`);
  }
}

function readNamedVolume(volume: NonNullable<WithVolumes["volumes"]>[number]): VolumeSpec {
  const { Name: name = "", Dest: target = "", Options: options = [], SubPath: subpath = "", IsAnonymous: anonymous = false } = volume;
  const named = name === "" ? {} : { name, ...(anonymous ? { anonymous } : {}) };
  return { type: "volume", ...named, target, options, ...(subpath === "" ? {} : { subpath }) };
}

/** Devices come as the texts of `--device`; those of the Container Device Interface have a `=` in them. */
export function readDevices({ devices = [] }: Pick<SpecGenerator, "devices">): {
  readonly devices: DeviceSpec[];
  readonly cdiDevices: string[];
} {
  const paths = devices.map(({ path = "" }) => path);
  const isCdi = (path: string): boolean => !path.startsWith("/") && path.includes("=");
  return { devices: paths.filter((path) => !isCdi(path)).map(parseDevice), cdiDevices: paths.filter(isCdi) };
}
