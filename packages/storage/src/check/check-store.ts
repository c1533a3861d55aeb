import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { describeError } from "@containers/common/errors/tool-error";
import { TarReader } from "../archive/read-tar.ts";
import type { ContainerContext } from "../containers/container-store.ts";
import { inUserNamespace } from "../id-shift/id-mapping.ts";
import { bigDataFileName } from "../images/big-data.ts";
import type { ImageContext } from "../images/image-store.ts";
import { diffLayer } from "../layers/diff-layer.ts";
import { type LayerContext, readLayers } from "../layers/layer-context.ts";
import { mountLayer, unmountLayer } from "../layers/mount-layer.ts";
import type { Damages, StoreCheck, StoreCheckOptions } from "../store.ts";
import { numberField, numberMap, textField, textList, textMap } from "../store-lock/record-fields.ts";
import type { RawRecord } from "../store-lock/record-table.ts";
import { compareTree, type EntryFacts, expectedTree } from "./expected-tree.ts";

/** What is checked, by the kinds' contexts. */
export interface CheckedStore {
  readonly layers: LayerContext;
  readonly images: ImageContext;
  readonly containers: ContainerContext;
}

const DAY = 24 * 60 * 60 * 1000;

class Findings {
  readonly #found = new Map<string, string[]>();

  add(id: string, ...messages: readonly string[]): void {
    if (messages.length > 0) this.#found.set(id, [...this.of(id), ...messages]);
  }

  of(id: string): readonly string[] {
    return this.#found.get(id) ?? [];
  }

  all(): Damages {
    return Object.fromEntries(this.#found);
  }
}

/**
 * Looks for damage: files that changed since they were stored, that are missing or too many; attached data that is missing or cut; records that
 * name what is not there; files and layers that nothing names. The words are the original's.
 */
export async function checkStore(store: CheckedStore, options: StoreCheckOptions): Promise<StoreCheck> {
  const checked = await checkLayers(store.layers, options);
  const { findings: layers, referenced } = checked;
  const images = new Findings();
  const imageRecords = store.images.table.read((entries) => entries.map(({ raw }) => ({ ...raw })));
  for (const raw of imageRecords) checkImage(store, raw, { checked, images });
  for (const { table } of store.images.additional)
    for (const raw of table.read((entries) => entries.map((entry) => ({ ...entry.raw })))) noteLayers(checked, raw);
  const containers = new Findings();
  const knownImages = new Set([
    ...imageRecords.map(({ id }) => id),
    ...store.images.additional.flatMap(({ table }) => table.read((entries) => entries.map(({ raw }) => raw.id))),
  ]);
  for (const raw of store.containers.table.read((entries) => entries.map((entry) => ({ ...entry.raw })))) {
    containers.add(raw.id, ...missingData(raw, path.join(store.containers.directory, raw.id), "container"));
    const image = textField(raw, "image");
    if (image !== undefined && !knownImages.has(image)) containers.add(raw.id, `image ${image}: image missing`);
    containers.add(raw.id, ...images.of(image ?? ""));
    const layer = textField(raw, "layer") ?? "";
    if (checked.known.has(layer)) containers.add(raw.id, ...layers.of(layer));
    else containers.add(raw.id, `layer ${layer}: layer is missing`);
    referenced.add(textField(raw, "layer") ?? "");
  }
  noteUnreferenced(checked, options.unreferencedAge ?? DAY);
  const unaccounted = store.layers.driver.list().filter((id) => !checked.known.has(id));
  for (const id of unaccounted) layers.add(id, `layer ${id}: layer in lower level storage driver not accounted for`);
  return { layers: layers.all(), images: images.all(), containers: containers.all(), unaccounted };
}

interface CheckedLayers {
  readonly findings: Findings;
  readonly records: readonly RawRecord[];
  /** Ids of all layers, those of additional stores too. */
  readonly known: ReadonlySet<string>;
  readonly parents: ReadonlyMap<string, string | undefined>;
  readonly referenced: Set<string>;
}

async function checkLayers(context: LayerContext, options: StoreCheckOptions): Promise<CheckedLayers> {
  const records = readLayers(context, (entries) => entries.map(({ raw }) => ({ ...raw })));
  const others = context.additional.flatMap(({ table }) => table.read((entries) => entries.map(({ raw }) => ({ ...raw }))));
  const all = [...records, ...others];
  const known = new Set(all.map(({ id }) => id));
  const parents = new Map(all.map((raw) => [raw.id, textField(raw, "parent")]));
  const findings = new Findings();
  const archives = new Map<string, readonly EntryFacts[]>();
  for (const raw of records) {
    findings.add(raw.id, ...missingData(raw, path.join(context.directory, raw.id), "layer"));
    const parent = parents.get(raw.id);
    if (parent !== undefined && !known.has(parent)) findings.add(raw.id, `layer ${parent}: layer is missing`);
    if (options.quick === true || textField(raw, "diff-digest") === undefined) continue;
    const { entries, problems } = await checkArchive(context, raw);
    findings.add(raw.id, ...problems);
    if (problems.length === 0) archives.set(raw.id, entries);
  }
  for (const raw of records) findings.add(raw.id, ...checkFiles(context, raw, { archives, parents }));
  return { findings, records, known, parents, referenced: new Set() };
}

/** Reads a layer's archive back: it must be the one that was stored. */
async function checkArchive(
  context: LayerContext,
  raw: RawRecord,
): Promise<{ entries: readonly EntryFacts[]; problems: readonly string[] }> {
  const entries: EntryFacts[] = [];
  const hash = createHash("sha256");
  let size = 0;
  const reader = new TarReader({
    raw: () => undefined,
    entry: ({ name, type, linkName, mode, uid, gid, size: bytes, mtime }) =>
      void entries.push({ name, type, linkName, mode, uid, gid, size: bytes, mtimeSec: mtime.sec }),
    data: () => undefined,
    endEntry: () => undefined,
  });
  try {
    for await (const chunk of diffLayer(context, raw.id, undefined)) {
      hash.update(chunk);
      size += chunk.length;
      reader.push(chunk);
    }
    reader.finish();
  } catch (error) {
    return { entries, problems: [`layer ${raw.id}: ${describeError(error)}`] };
  }
  const expectedSize = numberField(raw, "diff-size");
  return {
    entries,
    problems: [
      ...(`sha256:${hash.digest("hex")}` === textField(raw, "diff-digest") ? [] : [`layer ${raw.id}: layer content incorrect digest`]),
      ...(expectedSize === undefined || expectedSize === size
        ? []
        : [`layer ${raw.id}: read ${size} bytes instead of ${expectedSize} bytes: layer content incorrect size`]),
    ],
  };
}

/** Mounts an image's layer, and compares what is seen with all archives below it. A container's own layer may hold anything. */
function checkFiles(
  context: LayerContext,
  raw: RawRecord,
  layers: {
    readonly archives: ReadonlyMap<string, readonly EntryFacts[]>;
    readonly parents: ReadonlyMap<string, string | undefined>;
  },
): string[] {
  if (!context.driver.exists(raw.id)) return [`layer ${raw.id}: its files are missing`];
  if (textField(raw, "diff-digest") === undefined) return [];
  let mountPoint: string;
  try {
    mountPoint = mountLayer(context, raw.id, { readOnly: true });
  } catch (error) {
    return [`layer ${raw.id}: ${describeError(error)}`];
  }
  try {
    const chain: (readonly EntryFacts[])[] = [];
    for (let id: string | undefined = raw.id; id !== undefined; id = layers.parents.get(id)) {
      const entries = layers.archives.get(id);
      if (entries === undefined) return [];
      chain.unshift(entries);
    }
    const owners = context.driver.ignoresOwners === true || raw["uidmap"] !== undefined || raw["gidmap"] !== undefined;
    const differences = compareTree(context.sys, expectedTree(chain), mountPoint, { owners, devices: inUserNamespace() });
    return differences.map((difference) => `layer ${raw.id}: ${difference}, layer content modified`);
  } finally {
    unmountLayer(context, raw.id, false);
  }
}

function checkImage(
  store: CheckedStore,
  raw: RawRecord,
  { checked, images }: { readonly checked: CheckedLayers; readonly images: Findings },
): void {
  images.add(raw.id, ...missingData(raw, path.join(store.images.directory, raw.id), "image"));
  for (const layer of noteLayers(checked, raw)) {
    if (!checked.known.has(layer)) images.add(raw.id, `image ${raw.id}: layer ${layer}: image layer is missing`);
    images.add(raw.id, ...checked.findings.of(layer));
  }
}

/** The layers of an image from the top down; they are needed. */
function noteLayers({ parents, referenced }: CheckedLayers, raw: RawRecord): string[] {
  const layers: string[] = [];
  for (const top of new Set([textField(raw, "layer"), ...textList(raw, "mapped-layers")]))
    for (let id = top; id !== undefined; id = parents.get(id)) layers.push(id);
  for (const id of layers) referenced.add(id);
  return layers;
}

/** Layers of images come before their image: young ones may still get one. */
function noteUnreferenced({ records, referenced, findings }: CheckedLayers, age: number): void {
  for (const raw of records) {
    if (referenced.has(raw.id)) continue;
    const created = Date.parse(textField(raw, "created") ?? "");
    if (Number.isNaN(created) || created + age < Date.now())
      findings.add(raw.id, `layer ${raw.id}: layer not referenced by any images or containers`);
  }
}

function missingData(raw: RawRecord, directory: string, kind: "layer" | "image" | "container"): string[] {
  const sizes = numberMap(raw, "big-data-sizes");
  const digests = textMap(raw, "big-data-digests");
  return textList(raw, "big-data-names").flatMap((key) => {
    const subject = `${kind} ${raw.id}: data item ${JSON.stringify(key)}`;
    const file = path.join(directory, bigDataFileName(key));
    if (!fs.existsSync(file)) return [`${subject}: ${kind} data item is missing`];
    const expected = kind === "layer" ? undefined : (sizes[key] ?? 0);
    if (expected !== undefined && fs.statSync(file).size !== expected) return [`${subject}: ${kind} data item has incorrect size`];
    const digest = digests[key];
    if (digest === undefined || !digest.startsWith("sha256:") || kind === "layer") return [];
    const found = createHash("sha256").update(fs.readFileSync(file)).digest("hex");
    return digest === `sha256:${found}` ? [] : [`${subject}: ${kind} data item has incorrect digest`];
  });
}
