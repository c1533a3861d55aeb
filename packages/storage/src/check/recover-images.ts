import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { noteBigData } from "../images/image-record.ts";
import type { ImageContext } from "../images/image-store.ts";
import type { LayerContext } from "../layers/layer-context.ts";
import { chainId } from "../layers/put-layer.ts";
import { setField } from "../store-lock/record-fields.ts";
import type { RawRecord } from "../store-lock/record-table.ts";

/** Makes records for images of which only the files are left: those whose config is the one that their id names, and whose layers are there. */
export function recoverImages(images: ImageContext, layers: LayerContext): readonly string[] {
  return images.table.write((entries) => {
    const known = new Set(entries.map(({ raw }) => raw.id));
    const found = fs
      .readdirSync(images.directory)
      .filter((id) => /^[0-9a-f]{64}$/.test(id) && !known.has(id))
      .flatMap((id) => readImage(path.join(images.directory, id), id, layers) ?? []);
    for (const raw of found) entries.push({ raw, file: 0 });
    if (found.length > 0) images.table.save();
    return found.map(({ id }) => id);
  });
}

function readImage(directory: string, id: string, { driver }: LayerContext): RawRecord | undefined {
  const raw: RawRecord = { id };
  // What a killed process did not write to the end is no item.
  const names = fs.readdirSync(directory).filter((name) => !name.startsWith(".tmp-"));
  const items = names.map((name) => ({ key: keyOf(name), data: fs.readFileSync(path.join(directory, name)) }));
  for (const item of items) noteBigData(raw, item);
  const config = items.find(({ key }) => key === `sha256:${id}`);
  const manifest = items.find(({ key }) => key === "manifest");
  if (config === undefined || manifest === undefined || sha256(config.data) !== id) return undefined;
  const { rootfs, created } = readConfig(config.data);
  const layer = rootfs?.reduce<string | undefined>((below, diffId) => chainId(below, diffId), undefined);
  if (rootfs === undefined || (layer !== undefined && !driver.exists(layer))) return undefined;
  setField(raw, "layer", layer);
  raw.digest = `sha256:${sha256(manifest.data)}`;
  raw.created = created ?? new Date().toISOString();
  return raw;
}

/** The reverse of `bigDataFileName`. */
function keyOf(name: string): string {
  return name.startsWith("=") ? Buffer.from(name.slice(1), "base64").toString() : name;
}

function readConfig(bytes: Uint8Array): { readonly rootfs?: readonly string[]; readonly created?: string } {
  let config: unknown;
  try {
    config = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return {};
  }
  if (typeof config !== "object" || config === null || !("rootfs" in config)) return {};
  const { rootfs } = config;
  const list = typeof rootfs === "object" && rootfs !== null && "diff_ids" in rootfs ? rootfs.diff_ids : undefined;
  if (!Array.isArray(list) || !list.every((diffId) => typeof diffId === "string" && /^sha256:[0-9a-f]{64}$/.test(diffId))) return {};
  return { rootfs: list, ...("created" in config && typeof config.created === "string" ? { created: config.created } : {}) };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
