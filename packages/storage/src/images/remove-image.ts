import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { type LayerContext, readLayers, withBins, writeLayers } from "../layers/layer-context.ts";
import { removeLayers } from "../layers/remove-layer.ts";
import { textField, textList } from "../store-lock/record-fields.ts";
import type { RawRecord, RecordTable } from "../store-lock/record-table.ts";
import { type ImageContext, requireImage } from "./image-store.ts";
import { withNote } from "./unfinished.ts";

/** Removes an image and the layers that only it needs; returns their ids. Takes the layers', images' and containers' locks, in this order. */
export function removeImage(images: ImageContext, layers: LayerContext, containers: RecordTable, idOrName: string): readonly string[] {
  return withBins(layers, (bins) =>
    writeLayers(layers, () =>
      images.table.write((entries) =>
        containers.read((containerEntries) => {
          const entry = requireImage(entries, idOrName);
          const { raw } = entry;
          const user = containerEntries.find((container) => textField(container.raw, "image") === raw.id);
          if (user !== undefined) throw new ToolError("in-use", `image is in use by container ${user.raw.id}`, { code: "image-in-use" });
          entries.splice(entries.indexOf(entry), 1);
          const beside = images.beside?.read((more) => more.map((other) => other.raw)) ?? [];
          const others = [...entries.map((other) => other.raw), ...beside];
          const unused = unusedLayers(layers, raw, { others, containers: containerEntries.map((container) => container.raw) });
          withNote(images, raw.id, () => {
            removeLayers(layers, unused, bins, () => images.table.save());
            fs.rmSync(path.join(images.directory, raw.id), { recursive: true, force: true });
          });
          return unused;
        }),
      ),
    ),
  );
}

/** The image's layers from the top down to the first that another image, a container or another layer needs. */
function unusedLayers(
  layers: LayerContext,
  image: RawRecord,
  users: { readonly others: readonly RawRecord[]; readonly containers: readonly RawRecord[] },
): string[] {
  const used = new Set(users.containers.map((container) => textField(container, "layer")));
  for (const other of users.others) for (const id of [textField(other, "layer"), ...textList(other, "mapped-layers")]) used.add(id);
  return readLayers(layers, (entries) => {
    const unused = [...textList(image, "mapped-layers")];
    for (let id = textField(image, "layer"); id !== undefined && !used.has(id); ) {
      const layer = entries.find((entry) => entry.raw.id === id);
      if (layer === undefined) break;
      if (entries.some((entry) => textField(entry.raw, "parent") === id && !unused.includes(entry.raw.id))) break;
      unused.push(id);
      id = textField(layer.raw, "parent");
    }
    return unused;
  });
}
