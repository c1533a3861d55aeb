import { chownSync, lchownSync, lstatSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { resolveInRoot } from "@containers/common/fs/open-in-root";
import { fsPath } from "@containers/common/fs/raw-names";
import { readNames } from "@containers/common/fs/read-names";
import type { ContainerUser } from "@containers/common/spec-builder/look-up-user";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { Engine } from "../../engine/engine.ts";
import type { VolumeRecord } from "../../state/state.ts";
import { hostIds } from "../../user-namespaces/host-ids.ts";
import { volumePath } from "../../volumes/volume-path.ts";
import type { ContainerConfig, MountConfig } from "../config.ts";
import { copyUp } from "./copy-up.ts";
import { releaseImages } from "./held-images.ts";
import { dropOverlays, imageMount, overlayVolume } from "./overlay-mounts.ts";
import { toSpecMount } from "./user-mounts.ts";

type Ports = Pick<Engine, "sys" | "state" | "store" | "rootless">;

/** The user's mounts as the runtime wants them; a volume used for the first time gets the image's files. */
export function prepareMounts(
  engine: Ports,
  config: ContainerConfig,
  root: { readonly rootfs: string; readonly user: ContainerUser },
): SpecMount[] {
  dropOverlays(config);
  // Of a run that nobody cleaned up after.
  releaseImages(engine, config);
  return config.mounts.flatMap((mount): SpecMount | SpecMount[] => {
    // The files of artifacts: see artifact-mounts.ts.
    if (mount.type === "artifact") return [];
    if (mount.type === "image") return imageMount(engine, config, mount);
    const source = sourceOf(engine, config, mount, root);
    if ("options" in mount && mount.options.includes("U")) chownTree(source, hostIds(config, root.user));
    if ((mount.type === "bind" || mount.type === "volume") && mount.options.includes("O")) {
      return overlayVolume(engine, config, { ...mount, source });
    }
    return toSpecMount(
      mount.type === "volume" && isReadOnly(engine, mount.name) ? { ...mount, options: [...mount.options, "ro"] } : mount,
      source,
    );
  });
}

/** The runtime mounts anew with options of its own, and one that was mounted read-only is to stay so. */
function isReadOnly(engine: Ports, name: string): boolean {
  return (engine.state.volumes.get(name)?.options["o"] ?? "").split(",").includes("ro");
}

interface Root {
  readonly rootfs: string;
  readonly user: ContainerUser;
}

function sourceOf(engine: Ports, config: ContainerConfig, mount: MountConfig, root: Root): string {
  if (mount.type === "bind") return below(engine, mount.source, mount.subpath);
  if (mount.type !== "volume") return "";
  return below(engine, volumePath(fillVolume(engine, config, mount, root)), mount.subpath);
}

/** A volume that is used for the first time gets what the image has there, and an owner. */
export function fillVolume(
  engine: Pick<Engine, "sys" | "state">,
  config: ContainerConfig,
  mount: Extract<MountConfig, { readonly type: "volume" }>,
  root: Root,
): VolumeRecord {
  const volume = engine.state.volumes.get(mount.name);
  if (volume === undefined) throw new ToolError("not-found", `no volume with name "${mount.name}" found: no such volume`);
  if (volume.needsCopyUp || volume.needsChown) {
    const path = volumePath(volume);
    // What a mount shifts keeps the ids that the container sees.
    const isShifted = mount.options.some((option) => option === "idmap" || option.startsWith("idmap="));
    const user = isShifted ? root.user : { ...root.user, ...hostIds(config, root.user) };
    const wanted = !mount.options.includes("nocopy") && volume.options["nocopy"] === undefined;
    const copied = wanted ? copyUp(engine.sys, { root: root.rootfs, path: mount.target, destination: path, user }) : "kept";
    // An owner that was asked for stays, whatever the image says.
    if (!volume.needsChown) chownSync(path, volume.uid, volume.gid);
    // As long as nothing was there to be copied, the next container may still have something.
    const still = copied === "empty";
    engine.state.volumes.update({ ...volume, needsCopyUp: still, needsChown: still && volume.needsChown });
  }
  return volume;
}

/** A directory inside another. What the container may write to can hold links: none of them leads out of it. */
function below({ sys }: Pick<Engine, "sys">, source: string, subpath: string | undefined): string {
  if (subpath === undefined || subpath === "") return source;
  const path = resolveInRoot(sys, source, subpath);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined)
    throw new ToolError("not-found", `failed to open subpath ${subpath} of ${source}: no such file or directory`, { exitCode: 127 });
  return path;
}

/** `-v …:U`: the tree belongs to the container's user. Links are changed themselves, never what they lead to. */
function chownTree(path: string, user: Pick<ContainerUser, "uid" | "gid">): void {
  const stat = lstatSync(fsPath(path));
  if (stat.isSymbolicLink()) {
    lchownSync(fsPath(path), user.uid, user.gid);
    return;
  }
  chownSync(fsPath(path), user.uid, user.gid);
  if (!stat.isDirectory()) return;
  for (const name of readNames(path)) chownTree(`${path}/${name}`, user);
}
