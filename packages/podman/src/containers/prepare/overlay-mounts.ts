import { mkdirSync, rmSync, statSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import type { Engine } from "../../engine/engine.ts";
import { giveToRoot } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig, MountConfig } from "../config.ts";
import { holdImage } from "./held-images.ts";
import { subdirectories } from "./layer-subdirectories.ts";

type ImageMount = Extract<MountConfig, { readonly type: "image" }>;

/** Where a container's overlay mounts keep what is written: it lasts as long as the run. */
export function overlayDirectory(config: Pick<ContainerConfig, "staticDir">): string {
  return `${config.staticDir}/overlay`;
}

/** Removes what the last run wrote. */
export function dropOverlays(config: Pick<ContainerConfig, "staticDir">): void {
  rmSync(overlayDirectory(config), { recursive: true, force: true });
}

/** `-v …:O`: the source shows through, and is never written to. With `upperdir` and `workdir` the changes go there and stay. */
export function overlayVolume(
  engine: Pick<Engine, "rootless">,
  config: ContainerConfig,
  mount: { readonly source: string; readonly target: string; readonly options: readonly string[] },
): SpecMount {
  const placeOf = (name: string): string | undefined =>
    mount.options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  const upper = placeOf("upperdir");
  const work = placeOf("workdir");
  const own =
    upper !== undefined && work !== undefined ? { upper, work, merge: makePlace(config, mount.target).merge } : makeWritable(config, mount);
  return overlay(engine, mount.target, { lower: [mount.source], ...own });
}

/** `--mount type=image`: the image's files, for reading, or with changes that last as long as the run. */
export function imageMount(engine: Pick<Engine, "rootless" | "store" | "sys">, config: ContainerConfig, mount: ImageMount): SpecMount {
  const { top, layers } = layerDirectories(engine, mount);
  holdImage(engine, config, top);
  const lower = mount.subpath === undefined ? layers : subdirectories(engine.sys, layers, mount);
  if (mount.readWrite)
    return overlay(engine, mount.target, { lower, ...makeWritable(config, { target: mount.target, source: lower[0] ?? "" }) });
  const { merge, empty } = makePlace(config, mount.target);
  // An overlay that nothing is written to needs two directories.
  return overlay(engine, mount.target, { lower: [...lower, empty], merge });
}

/** The directories of the image's layers, top first; with vfs, the top layer's holds everything. */
function layerDirectories({ store }: Pick<Engine, "store">, mount: ImageMount): { readonly top: string; readonly layers: string[] } {
  const layers: string[] = [];
  const top = store.images.get(mount.imageId)?.layer;
  if (top === undefined) throw new ToolError("not-found", `${mount.source}: image not known`);
  for (let id: string | undefined = top; id !== undefined; id = store.layers.get(id)?.parent) {
    layers.push(store.layers.diffPath(id));
    if (store.driverName === "vfs") break;
  }
  return { top, layers };
}

function overlay(
  engine: Pick<Engine, "rootless">,
  destination: string,
  parts: { readonly lower: readonly string[]; readonly merge: string; readonly upper?: string; readonly work?: string },
): SpecMount {
  const escaped = parts.lower.map((path) => path.replace(/[\\:]/g, "\\$&"));
  const writable = parts.upper === undefined ? [] : [`upperdir=${parts.upper}`, `workdir=${parts.work}`];
  return {
    destination,
    type: "overlay",
    source: parts.merge,
    options: [`lowerdir=${escaped.join(":")}`, ...writable, ...(engine.rootless ? ["userxattr"] : []), "private"],
  };
}

function makeWritable(config: ContainerConfig, mount: { readonly source: string; readonly target: string }) {
  const place = makePlace(config, mount.target);
  mkdirSync(place.upper, { mode: statSync(mount.source).mode & 0o7777 });
  mkdirSync(place.work, { mode: 0o700 });
  for (const path of [place.upper, place.work]) giveToRoot(config, path);
  return { upper: place.upper, work: place.work, merge: place.merge };
}

function makePlace(config: ContainerConfig, target: string) {
  const directory = `${overlayDirectory(config)}/${target.replaceAll("%", "%25").replaceAll("/", "%2F")}`;
  const [upper, work, merge, empty] = ["upper", "work", "merge", "lower"].map((name) => `${directory}/${name}`) as [
    string,
    string,
    string,
    string,
  ];
  for (const path of [merge, empty]) mkdirSync(path, { recursive: true, mode: 0o700 });
  return { upper, work, merge, empty };
}
