import fs from "node:fs";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import type { LayerStore } from "../store.ts";
import { parseToc, type TocEntry } from "./toc.ts";

/** A part of a file of a layer in the store. */
export interface LocalPiece {
  /** Directory of the layer's files. */
  readonly root: string;
  readonly name: string;
  readonly offset: number;
  /** The piece is all of the file. */
  readonly whole: boolean;
}

/** Finds contents in the store by digest. */
export interface LocalContents {
  /** Where these contents are, read and verified just now. */
  find(digest: string, size: number): LocalPiece | undefined;
}

/** Key of a layer's table of contents among its attached items. */
export const TOC_ITEM = "zstd-chunked-manifest";
const READ_SIZE = 1 << 20;

interface Known extends LocalPiece {
  readonly size: number;
}

/** Looks for `wanted` digests in the layers whose tables of contents the store keeps. */
export function indexContents(
  sys: Sys,
  layers: Pick<LayerStore, "list" | "bigData" | "diffPath">,
  wanted: ReadonlySet<string>,
): LocalContents {
  const known = new Map<string, Known>();
  for (const layer of layers.list()) {
    if (!layer.bigDataNames.includes(TOC_ITEM)) continue;
    for (const entry of readEntries(layers, layer.id)) {
      if (entry.type !== "reg" && entry.type !== "chunk") continue;
      const place = { root: layers.diffPath(layer.id), name: entry.name };
      const { digest = "", chunkDigest = "" } = entry;
      if (wanted.has(digest)) known.set(digest, { ...place, offset: 0, size: entry.size ?? 0, whole: true });
      if (wanted.has(chunkDigest))
        known.set(chunkDigest, { ...place, offset: entry.chunkOffset ?? 0, size: entry.chunkSize ?? 0, whole: false });
    }
  }
  return {
    find(digest, size) {
      const place = known.get(digest);
      if (place === undefined || place.size !== size || size === 0) return undefined;
      if (holds(sys, place, digest)) return place;
      // Removed or changed meanwhile: not to be tried again.
      known.delete(digest);
      return undefined;
    },
  };
}

/** The bytes of a piece; throws when the file is not there or too short. */
export function* readPiece(sys: Sys, place: LocalPiece, size: number): Generator<Uint8Array> {
  const fd = openPiece(sys, place);
  try {
    for (let at = 0; at < size; ) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_SIZE, size - at));
      const length = fs.readSync(fd, buffer, 0, buffer.length, place.offset + at);
      if (length === 0) throw new Error(`${place.name} is shorter than it was`);
      at += length;
      yield buffer.subarray(0, length);
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Opens the file of a piece for reading, wherever its name leads inside the layer. */
export function openPiece(sys: Sys, place: LocalPiece): number {
  return openInRoot(sys, place.root, place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

function holds(sys: Sys, place: Known, digest: string): boolean {
  try {
    const fd = openPiece(sys, place);
    const stat = fs.fstatSync(fd);
    fs.closeSync(fd);
    if (!stat.isFile() || (place.whole && stat.size !== place.size)) return false;
    const hash = new Bun.CryptoHasher("sha256");
    for (const bytes of readPiece(sys, place, place.size)) hash.update(bytes);
    return `sha256:${hash.digest("hex")}` === digest;
  } catch {
    return false;
  }
}

function readEntries(layers: Pick<LayerStore, "bigData">, id: string): readonly TocEntry[] {
  try {
    const json = layers.bigData(id, TOC_ITEM);
    return json === undefined ? [] : parseToc(json).entries;
  } catch {
    // Another version's, or damaged: nothing is found in that layer.
    return [];
  }
}
