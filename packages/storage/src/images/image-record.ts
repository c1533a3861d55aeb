import type { ImageRecord } from "../store.ts";
import { numberMap, setField, textField, textList, textMap } from "../store-lock/record-fields.ts";
import type { RawRecord } from "../store-lock/record-table.ts";

/** Items whose name begins so are manifests: their digests identify the image. */
const MANIFEST_PREFIX = "manifest";

/** The public view of a record in images.json. */
export function toImageRecord(raw: RawRecord, readOnly: boolean): ImageRecord {
  return {
    id: raw.id,
    digest: textField(raw, "digest"),
    names: textList(raw, "names"),
    namesHistory: textList(raw, "names-history"),
    layer: textField(raw, "layer"),
    mappedLayers: textList(raw, "mapped-layers"),
    metadata: textField(raw, "metadata"),
    bigDataNames: textList(raw, "big-data-names"),
    bigDataSizes: numberMap(raw, "big-data-sizes"),
    bigDataDigests: textMap(raw, "big-data-digests"),
    created: textField(raw, "created") ?? "",
    readOnly,
  };
}

/** Digests of all manifests of an image. */
export function manifestDigests(image: ImageRecord): ReadonlySet<string> {
  const digests = new Set<string>(image.digest === undefined ? [] : [image.digest]);
  for (const [key, digest] of Object.entries(image.bigDataDigests)) if (key.startsWith(MANIFEST_PREFIX)) digests.add(digest);
  return digests;
}

/** Notes an attached item's name, size and digest. */
export function noteBigData(raw: RawRecord, item: { readonly key: string; readonly data: Uint8Array; readonly digest?: string }): void {
  const digest = item.digest ?? `sha256:${new Bun.CryptoHasher("sha256").update(item.data).digest("hex")}`;
  raw["big-data-names"] = [...new Set([...textList(raw, "big-data-names"), item.key])];
  raw["big-data-sizes"] = { ...numberMap(raw, "big-data-sizes"), [item.key]: item.data.length };
  raw["big-data-digests"] = { ...textMap(raw, "big-data-digests"), [item.key]: digest };
}

/** Gives an image its names; all it ever had stay in the history, the last of the list first. */
export function nameImage(raw: RawRecord, names: readonly string[]): void {
  const unique = [...new Set(names)];
  setField(raw, "names", unique);
  let history = [...textList(raw, "names-history")];
  for (const name of unique) history = [name, ...history.filter((earlier) => earlier !== name)];
  setField(raw, "names-history", history);
}

/** Takes names away from every image but `keeper`; true for the raw records that changed. */
export function takeNames(others: readonly RawRecord[], names: readonly string[], keeper: string): boolean {
  let changed = false;
  for (const raw of others) {
    if (raw.id === keeper) continue;
    const held = textList(raw, "names");
    const left = held.filter((name) => !names.includes(name));
    if (left.length === held.length) continue;
    setField(raw, "names", left);
    changed = true;
  }
  return changed;
}
