import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";
import type { Sys } from "@containers/common/sys/sys";
import type { CheckedStore } from "./check/check-store.ts";
import { collectGarbage } from "./check/collect-garbage.ts";
import { readPullOptions } from "./config/pull-options.ts";
import { loadStorageConf, type StorageConf } from "./config/storage-conf.ts";
import { type ContainerContext, containerStore } from "./containers/container-store.ts";
import { openDriver } from "./drivers/register.ts";
import { findImage, type ImageContext, imageStore, listImages } from "./images/image-store.ts";
import { removeImage } from "./images/remove-image.ts";
import { discardUnfinished } from "./images/unfinished.ts";

import { requireParent } from "./layers/create-layer.ts";
import { discardStale, type LayerContext, readLayers, withParents } from "./layers/layer-context.ts";
import { IMAGE_STORE_LAYERS, isIncomplete, STABLE_LAYERS } from "./layers/layer-record.ts";
import { layerStore } from "./layers/layer-store.ts";
import { discardUnclaimed, unclaimedLayers } from "./layers/unclaimed.ts";
import type { Store } from "./store.ts";
import { JointLock } from "./store-lock/joint-lock.ts";
import { textField, textList } from "./store-lock/record-fields.ts";
import { type RawRecord, RecordTable } from "./store-lock/record-table.ts";
import { TokenLock } from "./store-lock/token-lock.ts";

export interface OpenStoreOptions {
  /** `--root`: default from storage.conf, else the user's or the system's place. */
  readonly graphRoot?: string;
  /** `--runroot`. */
  readonly runRoot?: string;
  /** `--storage-driver`. */
  readonly driver?: string;
  /** `--storage-opt`, all of them; replaces those of storage.conf. */
  readonly driverOptions?: readonly string[];
  /** `--pull-option`, each `KEY=VALUE`; one that is given goes before storage.conf's. */
  readonly pullOptions?: readonly string[];
  /** `--transient-store`: records of containers and their layers are kept below the run root, and gone after a reboot. Default: storage.conf's. */
  readonly transientStore?: boolean;
  /** `--imagestore`: graph root of the store that images and their layers are kept in. Default: storage.conf's. */
  readonly imageStore?: string;
  /** A configuration that is loaded already. */
  readonly config?: StorageConf;
  readonly sys?: Sys;
  /** Gets the warnings of a store that is being made; standard error unless told. */
  readonly warn?: (message: string) => void;
}

/**
 * Opens a store, making it when it is not there. Reads nothing: each list is read when it is first asked for. Throws
 * `unsupported` for a driver or option that this version cannot serve.
 */
export function openStore(options: OpenStoreOptions = {}): Store {
  const sys = options.sys ?? linuxSys();
  const config = options.config ?? loadStorageConf();
  const graphRoot = absolute(options.graphRoot ?? config.graphRoot);
  const runRoot = absolute(options.runRoot ?? config.runRoot);
  const driverOptions = options.driverOptions ?? config.driverOptions;
  const imageRoot = imageRootOf(options.imageStore ?? config.imageStore, graphRoot);
  makeRoot(graphRoot);
  if (imageRoot !== undefined) makeRoot(imageRoot);
  const { warn = warnOnTerminal } = options;
  for (const warning of config.warnings ?? []) warn(warning);
  const { driver, additionalStores } = openDriver(
    sys,
    { graphRoot, runRoot, imageStore: imageRoot },
    {
      name: options.driver ?? config.driver,
      priority: config.driverPriority,
      driverOptions,
      warn,
    },
  );
  const place = (kind: string): string => path.join(graphRoot, `${driver.name}-${kind}`);
  const runPlace = (kind: string): string => path.join(runRoot, `${driver.name}-${kind}`);
  const imagePlace = (kind: string): string => path.join(imageRoot ?? graphRoot, `${driver.name}-${kind}`);
  makePlaces([place("layers"), place("containers"), imagePlace("images"), imagePlace("layers")]);
  const additional = (kind: "layers" | "images") =>
    additionalStores.map((store) => {
      const directory = path.join(store, `${driver.name}-${kind}`);
      const lock = new TokenLock(sys, path.join(directory, `${kind}.lock`), { readOnly: true });
      return { directory, table: new RecordTable(lock, [{ path: path.join(directory, `${kind}.json`), durable: false }]) };
    });

  const transient = options.transientStore ?? config.transientStore === true;
  const [volatilePlace, otherPlace] = transient ? [runPlace, place] : [place, runPlace];
  if (transient) makePlaces([runPlace("layers"), runPlace("containers")]);
  const imageTable = imageRecords(sys, imagePlace("images"));
  const beside = imageRoot === undefined ? undefined : imageRecords(sys, place("images"));
  const containerRecords = containerTable(sys, { stable: place("containers"), volatile: volatilePlace("containers") });
  const layers: LayerContext = {
    sys,
    driver,
    storeLock: new TokenLock(sys, path.join(graphRoot, "storage.lock")),
    directory: place("layers"),
    table: layerTable(sys, {
      stable: place("layers"),
      volatile: volatilePlace("layers"),
      images: imageRoot === undefined ? undefined : imagePlace("layers"),
    }),
    imageLayers: imageRoot === undefined ? STABLE_LAYERS : IMAGE_STORE_LAYERS,
    elsewhere: path.join(otherPlace("layers"), "volatile-layers.json"),
    mounts: new RecordTable(new TokenLock(sys, path.join(runPlace("layers"), "mountpoints.lock")), [
      { path: path.join(runPlace("layers"), "mountpoints.json"), durable: false },
    ]),
    neededBy: () => neededLayers(beside === undefined ? [imageTable] : [imageTable, beside], containerRecords),
    unclaimed: unclaimedLayers(place("layers")),
    beforeUse: once(() => {
      discardStale(layers);
      discardUnclaimed(layers);
      discardUnfinished({ directory: imagePlace("images"), table: imageTable });
    }),
    pullOptions: readPullOptions(config.pullOptions ?? {}, options.pullOptions ?? []),
    additional: additional("layers"),
  };
  const images: ImageContext = {
    directory: imagePlace("images"),
    table: imageTable,
    beside,
    keepingLayer: (layer, action) =>
      readLayers(layers, (entries) => {
        requireParent(layers, entries, layer);
        const made = action();
        layers.unclaimed.claim(withParents(entries, [layer]));
        return made;
      }),
    additional: [...(beside === undefined ? [] : [{ directory: place("images"), table: beside }]), ...additional("images")],
  };
  const containers: ContainerContext = {
    directory: place("containers"),
    runDirectory: runPlace("containers"),
    table: containerRecords,
    transient,
    elsewhere: path.join(otherPlace("containers"), "volatile-containers.json"),
    volatileMounts: config.disableVolatile !== true,
    layers,
    images: images.table,
    imageLayer: (id) => {
      const image = findImage(listImages(images), id);
      return image === undefined ? undefined : { layer: image.layer };
    },
  };
  const store: Store = {
    graphRoot,
    runRoot,
    driverName: driver.name,
    pullOptions: layers.pullOptions,
    transientStore: transient,
    imageStore: imageRoot,
    driverOptions,
    driverStatus: () => driver.status?.() ?? {},
    layers: layerStore(layers, (id) => refuseUsed(images, containers, id)),
    images: imageStore(images, (id) => removeImage(images, layers, containers.table, id)),
    containers: containerStore(containers),
    ...maintenance({ layers, images, containers }, () => store),
  };
  return store;
}

type Maintenance = Pick<Store, "collectGarbage" | "salvage" | "recoverContainer" | "check" | "repair">;

/** What keeps a store sound. */
function maintenance(checked: CheckedStore, store: () => Store): Maintenance {
  return {
    collectGarbage: () => collectGarbage(checked.layers, checked.images, checked.containers),
    salvage: async () => (await import("./check/salvage-store.ts")).salvageStore(checked),
    recoverContainer: async (options) => (await import("./check/recover-container.ts")).recoverContainer(checked, options),
    check: async (options = {}) => (await import("./check/check-store.ts")).checkStore(checked, options),
    repair: async (check, options) => (await import("./check/repair-store.ts")).repairStore(checked, store(), { check, ...options }),
  };
}

function warnOnTerminal(message: string): void {
  fs.writeSync(2, `WARN: ${message}\n`);
}

/** Throws `in-use` when an image or container stands on the layer. */
function refuseUsed(images: ImageContext, containers: ContainerContext, id: string): void {
  const using = (table: RecordTable) => table.read((entries) => entries.find((entry) => textField(entry.raw, "layer") === id));
  const image = using(images.table) ?? (images.beside === undefined ? undefined : using(images.beside));
  if (image !== undefined) throw new ToolError("in-use", `layer ${id} is used by image ${image.raw.id}`);
  const container = containers.table.read((entries) => entries.find((entry) => textField(entry.raw, "layer") === id));
  if (container !== undefined) throw new ToolError("in-use", `layer ${id} is used by container ${container.raw.id}`);
}

function neededLayers(images: readonly RecordTable[], containers: RecordTable): readonly string[] {
  const named = ({ raw }: { readonly raw: RawRecord }): string[] => [textField(raw, "layer") ?? "", ...textList(raw, "mapped-layers")];
  return [...images, containers].flatMap((table) => table.read((entries) => entries.flatMap(named)));
}

function imageRecords(sys: Sys, directory: string): RecordTable {
  const file = { path: path.join(directory, "images.json"), durable: true };
  return new RecordTable(new TokenLock(sys, path.join(directory, "images.lock")), [file]);
}

/** An image store that is the graph root itself is none. */
function imageRootOf(configured: string | undefined, graphRoot: string): string | undefined {
  if (configured === undefined || configured === "" || absolute(configured) === graphRoot) return undefined;
  return absolute(configured);
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}

/** Where records are that last, and those that need not. */
interface RecordPlaces {
  readonly stable: string;
  readonly volatile: string;
}

function layerTable(sys: Sys, { stable, volatile, images }: RecordPlaces & { readonly images: string | undefined }): RecordTable {
  const lock = new TokenLock(sys, path.join(stable, "layers.lock"));
  return new RecordTable(
    images === undefined ? lock : new JointLock(lock, new TokenLock(sys, path.join(images, "layers.lock"))),
    [
      { path: path.join(stable, "layers.json"), durable: true },
      { path: path.join(volatile, "volatile-layers.json"), durable: false },
      ...(images === undefined ? [] : [{ path: path.join(images, "layers.json"), durable: true }]),
    ],
    (entries) => entries.some(isIncomplete),
  );
}

/** A transient store's containers have their lock beside their records, as the original's. */
function containerTable(sys: Sys, { stable, volatile }: RecordPlaces): RecordTable {
  return new RecordTable(new TokenLock(sys, path.join(volatile, "containers.lock")), [
    { path: path.join(stable, "containers.json"), durable: true },
    { path: path.join(volatile, "volatile-containers.json"), durable: false },
  ]);
}

function makeRoot(graphRoot: string): void {
  if (!fs.existsSync(graphRoot)) fs.mkdirSync(graphRoot, { recursive: true, mode: 0o700 });
}

function makePlaces(places: readonly string[]): void {
  for (const directory of places) if (!fs.existsSync(directory)) fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
}

function absolute(directory: string): string {
  if (!path.isAbsolute(directory)) return path.resolve(directory);
  return path.normalize(directory).replace(/(.)\/$/, "$1");
}
