import fs from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { chownTree } from "../id-shift/chown-tree.ts";
import { isIdentity, sameMappings } from "../id-shift/id-mapping.ts";
import { createLayer } from "../layers/create-layer.ts";
import { findLayer, type LayerContext } from "../layers/layer-context.ts";
import { layerMappings } from "../layers/mount-layer.ts";
import type { IdMappings } from "../store.ts";
import { setField, textField, textList } from "../store-lock/record-fields.ts";
import type { RecordTable, TableEntry } from "../store-lock/record-table.ts";

/** Whether a container with these maps needs copies of its image's files with other owners, because mounts cannot shift them here. */
export function needsMappedLayer(layers: LayerContext, mappings: IdMappings | undefined): boolean {
  return mappings !== undefined && !isIdentity(mappings) && layers.driver.canShift?.(mappings) !== true;
}

/**
 * The image's layer with the owners that these maps say: one that an earlier container had made, or a new one, which the image's record then
 * lists (`mapped-layers`) and which goes with the image. The caller holds the store's and the layers' lock and has the driver prepared for mounts.
 */
export function mappedParent(
  layers: LayerContext,
  entries: readonly TableEntry[],
  request: { readonly images: RecordTable; readonly image: string; readonly mappings: IdMappings },
): string | undefined {
  return request.images.write((images) => {
    const image = images.find(({ raw }) => raw.id === request.image);
    if (image === undefined) {
      throw new ToolError(
        "unsupported",
        `image ${request.image} of an additional store cannot be used with ids of the container's own here`,
      );
    }
    const top = textField(image.raw, "layer");
    if (top === undefined) return undefined;
    const known = textList(image.raw, "mapped-layers");
    const found = known.find((id) => {
      const layer = findLayer(entries, id);
      return layer !== undefined && sameMappings(layerMappings(layer.raw), request.mappings);
    });
    if (found !== undefined) return found;
    return createLayer(layers, { parent: top, idMappings: request.mappings }, (id) => {
      try {
        const rootOwner = fs.statSync(layers.driver.diffPath(top));
        chownTree(layers.sys, layers.driver.mount(id, {}), { mappings: request.mappings, rootOwner });
      } finally {
        layers.driver.unmount(id);
      }
      setField(image.raw, "mapped-layers", [...known, id]);
      request.images.save();
    }).id;
  });
}
