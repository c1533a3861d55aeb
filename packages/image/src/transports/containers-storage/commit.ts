import { digestHex, sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Store } from "@containers/storage/store";
import { manifestDigest } from "../../manifest/manifest-digest.ts";
import { parseImageConfig } from "../../manifest/parse.ts";
import type { RawManifest } from "../transport.ts";
import { MANIFEST_KEY, manifestKey, SIGNATURES_KEY, signatureKey } from "./big-data-keys.ts";
import type { StorageName } from "./reference.ts";

export interface ImageToCommit {
  readonly name: StorageName;
  readonly toplevel: RawManifest;
  readonly manifest: RawManifest;
  readonly configDigest: string;
  readonly config: Uint8Array;
  /** Top layer. */
  readonly layer: string | undefined;
  /** By instance digest, "" for the image itself. */
  readonly signatures: ReadonlyMap<string, readonly Uint8Array[]>;
}

type BigData = ReadonlyArray<{ readonly key: string; readonly data: Uint8Array; readonly digest?: string }>;

/** Records the image: one that is there already (same config, same layers) gets the new manifest and name. */
export function commitImage(store: Store, image: ImageToCommit): void {
  checkDigest(image);
  const id = image.name.id ?? digestHex(image.configDigest);
  const digest = sha256(image.manifest.bytes);
  const bigData = collectBigData(image, digest);
  const metadata = JSON.stringify(describeSignatures(image.signatures, digest));
  const existing = store.images.get(id);
  const names = image.name.named === undefined ? [] : [image.name.named.toString()];
  if (existing === undefined || existing.id !== id) {
    store.images.create({ id, names, layer: image.layer, digest, metadata, created: createdOf(image.config), bigData });
    return;
  }
  if (existing.layer !== image.layer)
    throw new ToolError("already-exists", `image with ID ${JSON.stringify(id)} already exists, but uses a different top layer`);
  for (const item of bigData) store.images.setBigData(id, item.key, item.data);
  store.images.setMetadata(id, metadata);
  if (names.length > 0) store.images.addNames(id, names);
}

/** Keeps signatures of an image that is there, in the place of those that it had; a push takes them along. */
export function keepSignatures(store: Store, id: string, signatures: readonly Uint8Array[]): void {
  const manifest = store.images.bigData(id, MANIFEST_KEY);
  if (manifest === undefined) throw new ToolError("corrupt", `image ${id} has no manifest`);
  const digest = sha256(manifest);
  for (const item of signatureItems("", signatures, digest)) store.images.setBigData(id, item.key, item.data);
  store.images.setMetadata(id, JSON.stringify(describeSignatures(new Map([["", signatures]]), digest)));
}

/** A name with a digest must be given to that manifest, or to the list that it was chosen from. */
function checkDigest(image: ImageToCommit): void {
  const wanted = image.name.named?.digest;
  if (wanted === undefined || sha256(image.manifest.bytes) === wanted || manifestDigest(image.toplevel.bytes) === wanted) return;
  throw new ToolError("invalid-argument", `Manifest to be saved does not match expected digest ${wanted}`);
}

function collectBigData(image: ImageToCommit, digest: string): BigData {
  const { toplevel, manifest, signatures } = image;
  const list = manifestDigest(toplevel.bytes);
  return [
    { key: image.configDigest, data: image.config, digest: image.configDigest },
    ...(list === digest ? [] : [{ key: manifestKey(list), data: toplevel.bytes, digest: list }]),
    { key: manifestKey(digest), data: manifest.bytes, digest },
    { key: MANIFEST_KEY, data: manifest.bytes, digest },
    ...[...signatures].flatMap(([instance, items]) => signatureItems(instance, items, digest)),
  ];
}

function signatureItems(instance: string, items: readonly Uint8Array[], digest: string): BigData {
  if (items.length === 0) return [];
  const data = Buffer.concat(items);
  const own = { key: signatureKey(instance === "" ? digest : instance), data, digest: sha256(data) };
  return instance === "" ? [{ ...own, key: SIGNATURES_KEY }, own] : [own];
}

function describeSignatures(signatures: ReadonlyMap<string, readonly Uint8Array[]>, digest: string): Record<string, unknown> {
  const sizes = (items: readonly Uint8Array[]): number[] => items.map((item) => item.length);
  const all = [...signatures].filter(([, items]) => items.length > 0);
  if (all.length === 0) return {};
  const own = signatures.get("");
  return {
    ...(own === undefined || own.length === 0 ? {} : { "signature-sizes": sizes(own) }),
    "signatures-sizes": Object.fromEntries(all.map(([instance, items]) => [instance === "" ? digest : instance, sizes(items)])),
  };
}

function createdOf(config: Uint8Array): Date | undefined {
  const created = parseImageConfig(config).created;
  const time = created === undefined || created === null ? Number.NaN : Date.parse(created);
  return Number.isNaN(time) ? undefined : new Date(time);
}
