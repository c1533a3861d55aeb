import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { acquireFileLock } from "@containers/common/fs/file-lock";
import type { ImageRecord, Store } from "@containers/storage/store";
import type { LocalImages } from "../local-images/local-images.ts";
import { requireLocalImage } from "../local-images/resolve-name.ts";
import { goJsonBytes, sortKeys } from "../manifest/go-json.ts";
import { MANIFEST_KEY } from "../transports/containers-storage/big-data-keys.ts";
import { type Artifacts, artifactsJson, parseArtifacts } from "./artifacts.ts";
import { buildListContent, type ListContent, parseListContent } from "./list-content.ts";

const INSTANCES_KEY = "instances.json";
const ARTIFACTS_KEY = "artifacts.json";

/** A manifest list in the store: an image record without layers. */
export interface ListRecord {
  readonly id: string;
  readonly content: ListContent;
  /** Where each instance's image is, as `TRANSPORT:REFERENCE`, by the digest of its manifest. */
  readonly instances: Readonly<Record<string, string>>;
  readonly artifacts: Artifacts;
}

/**
 * The list that a name or id means.
 *
 * @throws not-found (code image-unknown); invalid-argument (code not-a-manifest-list) for an ordinary image
 */
export function requireList(images: Pick<LocalImages, "store" | "registry">, name: string): ListRecord {
  const found = requireLocalImage(images, name, { manifestList: "list" });
  return loadList(images.store, found.image, found.name);
}

/** @throws invalid-argument (code not-a-manifest-list) */
export function loadList(store: Store, image: ImageRecord, name = image.id): ListRecord {
  const manifest = store.images.bigData(image.id, MANIFEST_KEY);
  const instances = store.images.bigData(image.id, INSTANCES_KEY);
  if (manifest === undefined || instances === undefined || image.layer !== undefined) throw notAList(name);
  const places = parseStrings(instances, image.id);
  return {
    id: image.id,
    content: parseListContent(manifest),
    instances: places,
    artifacts: parseArtifacts(store.images.bigData(image.id, ARTIFACTS_KEY), image.id),
  };
}

export function notAList(name: string): ToolError {
  return new ToolError("invalid-argument", `${name}: image is not a manifest list`, { code: "not-a-manifest-list" });
}

/** Makes an empty list under these names; they must be free. */
export function createListRecord(store: Store, names: readonly string[], content: ListContent): string {
  const id = randomBytes(32).toString("hex");
  const manifest = buildListContent(content);
  const digest = sha256(manifest);
  store.images.create({
    id,
    names,
    digest,
    created: new Date(),
    bigData: [
      { key: MANIFEST_KEY, data: manifest, digest },
      { key: INSTANCES_KEY, data: goJsonBytes({}) },
      { key: ARTIFACTS_KEY, data: goJsonBytes({}) },
    ],
  });
  return id;
}

/**
 * Reads the list, changes it and writes it, with other processes of ours and of the original kept out meanwhile.
 *
 * @returns the list as it was written
 */
export async function changeList(
  store: Store,
  id: string,
  change: (list: ListRecord) => ListRecord | Promise<ListRecord>,
): Promise<ListRecord> {
  const directory = join(store.runRoot, `${store.driverName}-locks`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = acquireFileLock(join(directory, `sha256:${id}`), "write", { wait: true });
  try {
    const image = store.images.get(id);
    if (image === undefined) throw new ToolError("not-found", `${id}: image not known`, { code: "image-unknown" });
    const changed = await change(loadList(store, image));
    saveList(store, changed);
    return changed;
  } finally {
    lock?.release();
  }
}

/** A new directory for files that belong to a list and go with it. */
export function attachmentDirectory(store: Store, id: string): string {
  const record = join(store.imageStore ?? store.graphRoot, `${store.driverName}-images`, id);
  mkdirSync(record, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(record, "files-"));
}

/** The places first: a list that names an instance must be able to find it, whereas one place too many does no harm. */
function saveList(store: Store, list: ListRecord): void {
  store.images.setBigData(list.id, INSTANCES_KEY, goJsonBytes(sortKeys({ ...list.instances, "": list.id })));
  store.images.setBigData(list.id, ARTIFACTS_KEY, goJsonBytes(artifactsJson(list.artifacts)));
  store.images.setBigData(list.id, MANIFEST_KEY, buildListContent(list.content));
}

function parseStrings(bytes: Uint8Array, id: string): Readonly<Record<string, string>> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const entries = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[0] !== ""));
  } catch (error) {
    throw new ToolError("corrupt", `decoding instance list for image "${id}"`, { cause: error });
  }
}
