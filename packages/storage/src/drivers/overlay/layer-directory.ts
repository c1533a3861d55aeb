import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";
import { OVERRIDE_ATTRIBUTE, overrideText } from "../../archive/override-attribute.ts";
import { hostRoot, toHostId } from "../../id-shift/id-mapping.ts";
import type { IdMappings } from "../../store.ts";
import type { DriverCreateOptions } from "../driver.ts";
import { LINK_DIRECTORY, linkedLayer, linkNameOf, newLinkName, readText } from "./short-links.ts";

/** Mode of a base layer's root. What the archive says of its own root is not used, as in the original. */
const ROOT_MODE = 0o555;

/** Where a layer's directory is: in the driver's own home, or in an additional store. */
export interface LayerPlaces {
  /** The directory of a layer; throws `not-found`. */
  directory(id: string): string;
  /** The store directories to look up links in, the driver's home first. */
  readonly homes: readonly string[];
}

/**
 * Fills `directory` with all that an overlay layer consists of beside its files, and gives `diff` the owner and mode of the
 * parent's root; `parentIsShifted` when the files of the layers below have the host's ids on disk already. Returns the name of the short link, which its caller makes once the directory is in place.
 */
export function prepareLayerDirectory(
  directory: string,
  places: LayerPlaces,
  options: DriverCreateOptions & { readonly forceMask?: number | undefined },
): string {
  const { parent } = options;
  const root = hostRoot(options.idMappings);
  const owner =
    parent === undefined
      ? { mode: ROOT_MODE, ...root }
      : shifted(rootOf(path.join(places.directory(parent), "diff")), options.parentIsShifted === true ? undefined : options.idMappings);
  const diff = path.join(directory, "diff");
  fs.mkdirSync(diff, { recursive: true, mode: 0o700 });
  setOwner(directory, root);
  setOwner(diff, owner);
  fs.chmodSync(diff, options.forceMask ?? owner.mode);
  if (options.forceMask !== undefined)
    overrideRoot(diff, parent === undefined ? undefined : path.join(places.directory(parent), "diff"), root);
  const name = newLinkName();
  fs.writeFileSync(path.join(directory, "link"), name, { mode: 0o644 });
  for (const part of parent === undefined ? ["work", "merged", "empty"] : ["work", "merged"]) {
    fs.mkdirSync(path.join(directory, part), { mode: 0o700 });
    setOwner(path.join(directory, part), owner);
  }
  if (parent !== undefined) writeLower(directory, places, parent);
  return name;
}

/** A mount program heeds the attributes of a layer only when its root has one: the same as the parent's. */
function overrideRoot(diff: string, parent: string | undefined, owner: { uid: number; gid: number }): void {
  const sys = linuxSys();
  const inherited = parent === undefined ? undefined : sys.lgetxattr(parent, OVERRIDE_ATTRIBUTE);
  sys.lsetxattr(diff, OVERRIDE_ATTRIBUTE, inherited ?? Buffer.from(overrideText("dir", owner, ROOT_MODE)));
}

/** The `l/…` links of a layer's lower directories, nearest first. */
export function lowerLinks(directory: string): readonly string[] {
  return (readText(path.join(directory, "lower")) ?? "").split(":").filter((part) => part !== "");
}

/** Ids of the layers below, nearest first; from the links where the list of a newer store version is absent. */
export function lowerLayers(directory: string, places: LayerPlaces): readonly string[] {
  const listed = (readText(path.join(directory, "lower-layers")) ?? "").split(":").filter((part) => part !== "");
  const links = lowerLinks(directory);
  if (listed.length === links.length) return listed;
  return links.map((link) => {
    for (const home of places.homes) {
      const id = linkedLayer(home, link);
      if (id !== undefined) return id;
    }
    throw new ToolError("corrupt", `${directory} stands on ${link}, which does not exist`);
  });
}

function writeLower(directory: string, places: LayerPlaces, parent: string): void {
  const parentDirectory = places.directory(parent);
  const link = linkNameOf(path.dirname(parentDirectory), parent);
  if (link === undefined) throw new ToolError("corrupt", `layer ${parent} has no link file`);
  const links = [`${LINK_DIRECTORY}/${link}`, ...lowerLinks(parentDirectory)];
  const layers = [parent, ...lowerLayers(parentDirectory, places)];
  fs.writeFileSync(path.join(directory, "lower"), links.join(":"), { mode: 0o644 });
  fs.writeFileSync(path.join(directory, "lower-layers"), layers.join(":"), { mode: 0o644 });
}

function rootOf(diff: string): { mode: number; uid: number; gid: number } {
  const stat = fs.statSync(diff);
  return { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
}

/** The parent's root belongs to an id inside the container; this layer's, which no mount shifts, to the one on the host. */
function shifted(
  owner: { mode: number; uid: number; gid: number },
  mappings: IdMappings | undefined,
): { mode: number; uid: number; gid: number } {
  return { mode: owner.mode, uid: toHostId(owner.uid, mappings?.uidMap ?? []), gid: toHostId(owner.gid, mappings?.gidMap ?? []) };
}

function setOwner(file: string, owner: { uid: number; gid: number }): void {
  if (owner.uid === process.geteuid?.() && owner.gid === process.getegid?.()) return;
  fs.chownSync(file, owner.uid, owner.gid);
}
