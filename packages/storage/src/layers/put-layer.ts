import fs from "node:fs";
import path from "node:path";
import { errnoCode } from "@containers/common/sys/sys-error";
import { TOC_ITEM } from "../chunked/local-contents.ts";
import { writeBigData } from "../images/big-data.ts";
import { checkId } from "../short-ids/short-ids.ts";
import type { ByteStream, LayerRecord, PutLayerOptions, PutStagedOptions } from "../store.ts";
import { rawIdMap, setField } from "../store-lock/record-fields.ts";
import type { RawRecord } from "../store-lock/record-table.ts";
import { addLayer, requireParent } from "./create-layer.ts";
import { type LayerContext, STAGED_TAR_SPLIT, tarSplitPath, writeLayers } from "./layer-context.ts";
import { toLayerRecord } from "./layer-record.ts";
import type { StagedLayerFiles } from "./stage-layer.ts";

/** Makes a layer out of an archive: reads all of it without a lock, then puts it in place. */
export async function putLayer(context: LayerContext, options: PutLayerOptions, tar: ByteStream): Promise<LayerRecord> {
  const { stageLayer } = await import("./stage-layer.ts");
  const staged = await stageLayer(context, options, tar);
  try {
    return commitLayer(context, options, staged);
  } finally {
    staged.discard();
  }
}

/** Puts a staged layer in place. The layer that is already there under the id is returned instead: somebody else was quicker. */
export function commitLayer(context: LayerContext, options: PutStagedOptions, staged: StagedLayerFiles): LayerRecord {
  const id = options.id === undefined ? chainId(options.parent, staged.diffDigest) : checkId(options.id);
  context.unclaimed.note(id);
  return writeLayers(context, (entries) => {
    const present = entries.find((entry) => entry.raw.id === id);
    if (present !== undefined) return toLayerRecord(present.raw, false);
    const raw: RawRecord = { id };
    setField(raw, "parent", options.parent);
    raw.created = new Date().toISOString();
    const { origin } = staged.options;
    // The blob itself was not seen as a whole: its digest is not known to be true.
    if (origin === undefined) {
      raw["compressed-diff-digest"] = staged.compressedDigest;
      raw["compressed-size"] = staged.compressedSize;
    }
    raw["diff-digest"] = staged.diffDigest;
    setField(raw, "toc-digest", origin?.tocDigest);
    raw["diff-size"] = staged.diffSize;
    setField(raw, "compression", staged.compression);
    const items = attachedItems(staged);
    setField(
      raw,
      "big-data-names",
      items.map(({ key }) => key),
    );
    setField(raw, "uidset", staged.uids);
    setField(raw, "gidset", staged.gids);
    setField(raw, "uidmap", rawIdMap(staged.options.idMappings?.uidMap ?? []));
    setField(raw, "gidmap", rawIdMap(staged.options.idMappings?.gidMap ?? []));
    addLayer(context, entries, {
      entry: { raw, file: context.imageLayers },
      makeFiles: () => {
        requireParent(context, entries, options.parent);
        for (const item of items) writeBigData(path.join(context.directory, id), item, false);
        context.driver.adopt(id, staged.bin, { parent: options.parent, idMappings: staged.options.idMappings });
        moveFile(path.join(staged.bin.path, STAGED_TAR_SPLIT), tarSplitPath(context.directory, id));
      },
    });
    return toLayerRecord(raw, false);
  });
}

/** What is kept of a table of contents, as the original keeps it: it finds files for later layers by this. */
function attachedItems(staged: StagedLayerFiles): ReadonlyArray<{ readonly key: string; readonly data: Uint8Array }> {
  if (staged.toc === undefined) return [];
  return [
    { key: TOC_ITEM, data: staged.toc },
    { key: "zstd-chunked-layer-data", data: Buffer.from('{"format":0}') },
  ];
}

/** The driver's directory may be a mount of its own (overlay's is, while something is mounted): then a rename out of it is refused. */
function moveFile(from: string, to: string): void {
  try {
    fs.renameSync(from, to);
  } catch (error) {
    if (errnoCode(error) !== "EXDEV") throw error;
    fs.copyFileSync(from, `${to}.tmp`);
    fs.renameSync(`${to}.tmp`, to);
    fs.rmSync(from);
  }
}

/** The id that containers/image gives a layer, so that the same layers on the same parents are shared between images. */
export function chainId(parent: string | undefined, diffId: string): string {
  const hex = diffId.slice(diffId.indexOf(":") + 1);
  return parent === undefined ? hex : new Bun.CryptoHasher("sha256").update(`${parent}+${hex}`).digest("hex");
}
