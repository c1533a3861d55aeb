import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { readBigData, writeBigData } from "../images/big-data.ts";
import { noteBigData } from "../images/image-record.ts";
import { type LayerContext, withBins, writeLayers } from "../layers/layer-context.ts";
import { mountLayer, unmountLayer } from "../layers/mount-layer.ts";
import { removeLayers } from "../layers/remove-layer.ts";
import { findByPrefix } from "../short-ids/short-ids.ts";
import { unmountBelow } from "../staging/unmount-below.ts";
import type { ContainerRecord, ContainerStore, IdMappings } from "../store.ts";
import { setField, textField, textList } from "../store-lock/record-fields.ts";
import type { RawRecord, RecordTable, TableEntry } from "../store-lock/record-table.ts";
import { toContainerRecord } from "./container-record.ts";
import { createContainer } from "./create-container.ts";

export interface ContainerContext {
  /** `G/overlay-containers`. */
  readonly directory: string;
  /** `R/overlay-containers`. */
  readonly runDirectory: string;
  readonly table: RecordTable;
  /** As for layers: the file of containers that this process does not see. */
  readonly elsewhere: string;
  /** Volatile containers are mounted without syncing. */
  readonly volatileMounts: boolean;
  /** All containers are volatile. */
  readonly transient: boolean;
  readonly layers: LayerContext;
  /** Records of the store's own images, whose lock comes between the layers' and the containers'. */
  readonly images: RecordTable;
  /** Top layer of an image by its id; undefined when there is no such image. */
  readonly imageLayer: (id: string) => { readonly layer: string | undefined } | undefined;
}

/** The containers of a store. */
export function containerStore(context: ContainerContext): ContainerStore {
  const { table } = context;
  const list = (): readonly ContainerRecord[] => table.read((entries) => entries.map((entry) => toContainerRecord(entry.raw, entry.file)));
  const require = (idOrName: string): ContainerRecord => {
    const found = findContainer(list(), idOrName);
    if (found === undefined) throw new ToolError("not-found", `no such container: ${idOrName}`);
    return found;
  };
  const change = (id: string, action: (raw: RawRecord) => void): void =>
    table.write((entries) => {
      const entry = requireEntry(entries, id);
      action(entry.raw);
      table.save([entry]);
    });
  return {
    list,
    get: (idOrName) => findContainer(list(), idOrName),
    create: (options) => createContainer(context, context.transient ? { ...options, volatile: true } : options),
    bigData: (id, key) => {
      const container = findContainer(list(), id);
      return container === undefined ? undefined : readBigData(path.join(context.directory, container.id), key);
    },
    setBigData: (id, key, data) =>
      change(id, (raw) => {
        writeBigData(path.join(context.directory, raw.id), { key, data }, true);
        noteBigData(raw, { key, data });
      }),
    setNames: (id, names) =>
      table.write((entries) => {
        const entry = requireEntry(entries, id);
        const taken = entries.find((other) => other !== entry && textList(other.raw, "names").some((name) => names.includes(name)));
        if (taken !== undefined) throw new ToolError("already-exists", `container name is already in use by ${taken.raw.id}`);
        setField(entry.raw, "names", [...new Set(names)]);
        table.save([entry]);
      }),
    setMetadata: (id, metadata) => change(id, (raw) => setField(raw, "metadata", metadata)),
    mount: (id, mountLabel) => {
      const container = require(id);
      return mountLayer(context.layers, container.layer, {
        mountLabel: mountLabel ?? container.mountLabel,
        volatile: container.volatile && context.volatileMounts,
        idMappings: mappingsOf(container),
      });
    },
    unmount: (id, force) => unmountLayer(context.layers, require(id).layer, force === true),
    directory: (id) => userData(context.directory, require(id).id),
    runDirectory: (id) => userData(context.runDirectory, require(id).id),
    remove: (id) => removeContainer(context, id),
  };
}

/** By id, name, layer or unique id prefix, in this order. */
function findContainer(containers: readonly ContainerRecord[], idOrName: string): ContainerRecord | undefined {
  return (
    containers.find((container) => container.id === idOrName) ??
    containers.find((container) => container.names.includes(idOrName)) ??
    containers.find((container) => container.layer === idOrName) ??
    findByPrefix(containers, idOrName)
  );
}

/**
 * Removes a container: its layer is marked, then its directories and record go, then the layer's files. A kill before the record is gone
 * leaves a container that can be removed again; after it, a marked layer that nothing names and the next process collects.
 */
function removeContainer(context: ContainerContext, idOrName: string): void {
  withBins(context.layers, (bins) =>
    writeLayers(context.layers, () =>
      context.table.write((entries) => {
        const entry = findEntry(entries, idOrName);
        // Killed before the record was written, or removed by somebody else: either way there is nothing left to do.
        if (entry === undefined) return;
        const layer = textField(entry.raw, "layer");
        removeLayers(context.layers, layer === undefined ? [] : [layer], bins, () => {
          for (const directory of [context.directory, context.runDirectory]) {
            const own = path.join(directory, entry.raw.id);
            // What is still mounted there is somebody's data: it must not be deleted through the mount.
            unmountBelow(context.layers.sys, own);
            fs.rmSync(own, { recursive: true, force: true });
          }
          entries.splice(entries.indexOf(entry), 1);
          context.table.save([entry]);
        });
      }),
    ),
  );
}

function mappingsOf(container: ContainerRecord): IdMappings | undefined {
  if (container.uidMap === undefined && container.gidMap === undefined) return undefined;
  return { uidMap: container.uidMap ?? [], gidMap: container.gidMap ?? [] };
}

function findEntry(entries: readonly TableEntry[], idOrName: string): TableEntry | undefined {
  const found = findContainer(
    entries.map((entry) => toContainerRecord(entry.raw, entry.file)),
    idOrName,
  );
  return entries.find((one) => one.raw.id === found?.id);
}

function requireEntry(entries: readonly TableEntry[], idOrName: string): TableEntry {
  const entry = findEntry(entries, idOrName);
  if (entry === undefined) throw new ToolError("not-found", `no such container: ${idOrName}`);
  return entry;
}

function userData(directory: string, id: string): string {
  const result = path.join(directory, id, "userdata");
  fs.mkdirSync(result, { recursive: true, mode: 0o700 });
  return result;
}
