import type { Engine } from "../../engine/engine.ts";
import { volumePath } from "../../volumes/volume-path.ts";
import type { ContainerConfig, MountConfig } from "../config.ts";
import { toSpecMount } from "../prepare/user-mounts.ts";

const ORDER: readonly string[] = ["volume", "image", "bind"];

/** Volumes, images and binds, in the original's order; tmpfs mounts are shown in HostConfig. */
export function mountsSection(engine: Pick<Engine, "state">, config: ContainerConfig): unknown[] {
  const shown = config.mounts.filter(isShown).sort((one, other) => ORDER.indexOf(one.type) - ORDER.indexOf(other.type));
  return shown.map((mount) => describe(engine, mount));
}

function isShown(mount: MountConfig): mount is ShownMount {
  return mount.type === "bind" || mount.type === "volume" || mount.type === "image";
}

type ShownMount = Extract<MountConfig, { type: "bind" | "volume" | "image" }>;

function describe(engine: Pick<Engine, "state">, mount: ShownMount): Record<string, unknown> {
  if (mount.type === "image") {
    return {
      Type: "image",
      Source: mount.source,
      Destination: mount.target,
      Driver: "",
      Mode: "",
      Options: null,
      RW: mount.readWrite,
      Propagation: "",
      ...(mount.subpath === undefined ? {} : { SubPath: mount.subpath }),
    };
  }
  const volume = mount.type === "volume" ? engine.state.volumes.get(mount.name) : undefined;
  const source = mount.type === "volume" ? (volume === undefined ? "" : volumePath(volume)) : mount.source;
  const options = toSpecMount(mount, source).options;
  const propagation = options.find((option) => /^r?(private|shared|slave|unbindable)$/.test(option)) ?? "";
  const mode = mount.options.filter((option) => option === "z" || option === "Z").join(",");
  return {
    Type: mount.type,
    ...(mount.type === "volume" ? { Name: mount.name } : {}),
    Source: source,
    Destination: mount.target,
    Driver: mount.type === "volume" ? (volume?.driver ?? "local") : "",
    Mode: mode,
    Options: options.filter((option) => option !== propagation && option !== "ro" && option !== "rw"),
    RW: !options.includes("ro"),
    Propagation: propagation,
    ...(mount.subpath === undefined ? {} : { SubPath: mount.subpath }),
  };
}
