import { createHash } from "node:crypto";
import fs from "node:fs";
import { assembleTar } from "../archive/tar-split-reader.ts";
import { type LayerContext, tarSplitPath, writeLayers } from "../layers/layer-context.ts";
import { STABLE_LAYERS } from "../layers/layer-record.ts";
import { setField, textField } from "../store-lock/record-fields.ts";
import type { RawRecord } from "../store-lock/record-table.ts";
import type { CheckedStore } from "./check-store.ts";

/** Makes records for layers that images and containers stand on and of which only the files are left. Returns their ids. */
export async function recoverLayers({ layers, images, containers }: CheckedStore): Promise<readonly string[]> {
  const { driver } = layers;
  if (driver.parentOf === undefined) return [];
  const containerRecords = containers.table.read((entries) => entries.map(({ raw }) => raw));
  const tops = [...images.table.read((entries) => entries.map(({ raw }) => raw)), ...containerRecords].map((raw) =>
    textField(raw, "layer"),
  );
  const recorded = layers.table.read((entries) => new Map(entries.map(({ raw }) => [raw.id, textField(raw, "parent")])));
  const lost = new Set<string>();
  for (const top of tops)
    for (let id = top; id !== undefined && !lost.has(id); id = recorded.has(id) ? recorded.get(id) : driver.parentOf(id)) {
      if (recorded.has(id)) continue;
      if (!driver.exists(id)) break;
      lost.add(id);
    }
  const recovered: string[] = [];
  // A parent's record comes before those of its children.
  for (const id of [...lost].reverse()) {
    const owner = containerRecords.find((raw) => textField(raw, "layer") === id);
    const archive = await archiveOf(layers, id);
    const raw: RawRecord = { id };
    setField(raw, "parent", driver.parentOf(id));
    raw.created = new Date().toISOString();
    setField(raw, "diff-digest", archive?.digest);
    setField(raw, "diff-size", archive?.size);
    setField(raw, "uidmap", owner?.["uidmap"]);
    setField(raw, "gidmap", owner?.["gidmap"]);
    writeLayers(layers, (entries) => {
      if (entries.some((entry) => entry.raw.id === id)) return;
      const entry = { raw, file: owner === undefined ? layers.imageLayers : STABLE_LAYERS };
      entries.push(entry);
      layers.table.save([entry]);
      recovered.push(id);
    });
  }
  return recovered;
}

/** The archive that the layer's files still make, each of which is compared with its checksum; undefined for a container's layer and one that is damaged. */
async function archiveOf(layers: LayerContext, id: string): Promise<{ readonly digest: string; readonly size: number } | undefined> {
  const tarSplit = tarSplitPath(layers.directory, id);
  if (!fs.existsSync(tarSplit)) return undefined;
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const chunk of assembleTar(layers.sys, tarSplit, { directories: layers.driver.contentPaths(id) })) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch {
    return undefined;
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}
