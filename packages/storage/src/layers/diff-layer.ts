import fs from "node:fs";
import { naiveChanges, naiveDiff } from "../drivers/naive-diff.ts";
import type { ByteStream, DiffOptions, LayerChange } from "../store.ts";
import { textField } from "../store-lock/record-fields.ts";
import type { RawRecord } from "../store-lock/record-table.ts";
import { findLayer, type LayerContext, readLayers, requireLayer, tarSplitPath } from "./layer-context.ts";
import { layerMappings, mountLayer, unmountLayer } from "./mount-layer.ts";

/** A layer's archive: the one it came from where that can be had again, else made from the difference to `parent`. */
export async function* diffLayer(context: LayerContext, id: string, { parent, borrowed, wholeIsVerified }: DiffOptions = {}): ByteStream {
  const { raw, directory } = locate(context, id);
  const own = textField(raw, "parent");
  const from = parent === "" ? undefined : (parent ?? own);
  const tarSplit = tarSplitPath(directory, raw.id);
  if (from === own && fs.existsSync(tarSplit)) {
    const { assembleTar } = await import("../archive/tar-split-reader.ts");
    yield* assembleTar(context.sys, tarSplit, { directories: context.driver.contentPaths(raw.id), borrowed, wholeIsVerified });
    return;
  }
  const direct = context.driver.diff(raw.id, from, { idMappings: layerMappings(raw) });
  if (direct !== undefined) {
    yield* direct;
    return;
  }
  const mounted = mountBoth(context, { id: raw.id, isImageLayer: isImageLayer(raw) }, from);
  try {
    yield* naiveDiff(context.sys, mounted.layer, { parent: mounted.parent, idMappings: layerMappings(raw) });
  } finally {
    mounted.release();
  }
}

/** A layer's changes against `parent`, by default its own. */
export function layerChanges(context: LayerContext, id: string, parent: string | undefined): readonly LayerChange[] {
  const { raw } = locate(context, id);
  const from = parent ?? textField(raw, "parent");
  const direct = context.driver.changes(raw.id, from);
  if (direct !== undefined) return direct;
  const mounted = mountBoth(context, { id: raw.id, isImageLayer: isImageLayer(raw) }, from);
  try {
    return naiveChanges(context.sys, mounted.layer, mounted.parent);
  } finally {
    mounted.release();
  }
}

function mountBoth(
  context: LayerContext,
  { id, isImageLayer }: { readonly id: string; readonly isImageLayer: boolean },
  parent: string | undefined,
): { layer: string; parent: string | undefined; release: () => void } {
  // An image's layer must not be written to; a container's may be in use, writable.
  const layer = mountLayer(context, id, { readOnly: isImageLayer });
  try {
    const below = parent === undefined ? undefined : mountLayer(context, parent, { readOnly: true });
    return {
      layer,
      parent: below,
      release: () => {
        if (parent !== undefined) unmountLayer(context, parent, false);
        unmountLayer(context, id, false);
      },
    };
  } catch (error) {
    unmountLayer(context, id, false);
    throw error;
  }
}

/** Known by the digest of its archive or of its table of contents. */
function isImageLayer(raw: RawRecord): boolean {
  return textField(raw, "diff-digest") !== undefined || textField(raw, "toc-digest") !== undefined;
}

function locate(context: LayerContext, id: string): { raw: RawRecord; directory: string } {
  return readLayers(context, (entries) => {
    const own = findLayer(entries, id);
    if (own !== undefined) return { raw: own.raw, directory: context.directory };
    for (const { table, directory } of context.additional) {
      const other = table.read((others) => findLayer(others, id));
      if (other !== undefined) return { raw: other.raw, directory };
    }
    return { raw: requireLayer(entries, id).raw, directory: context.directory };
  });
}
