import path from "node:path";
import type { MountLayerOptions } from "../store.ts";
import { idMapField, numberField, textField } from "../store-lock/record-fields.ts";
import type { RawRecord, TableEntry } from "../store-lock/record-table.ts";
import { isShifted } from "./create-layer.ts";
import { findLayer, type LayerContext, readLayers, requireLayer, writeLayers } from "./layer-context.ts";

/**
 * Mounts a layer, or counts one more user of its mount; returns the mount point. The store's lock is held throughout: the original, under it,
 * undoes what mounts need when it finds that nothing is mounted.
 */
export function mountLayer(context: LayerContext, id: string, options: MountLayerOptions): string {
  return context.storeLock.write(() => {
    context.driver.prepareMounts?.();
    return mountCounted(context, id, options);
  });
}

function mountCounted(context: LayerContext, id: string, options: MountLayerOptions): string {
  return writeLayers(context, (entries) => {
    const layer = entryOf(context, entries, id);
    return context.mounts.write((mounts) => {
      const mounted = mounts.find((mount) => mount.raw.id === layer.raw.id);
      if (mounted !== undefined && count(mounted.raw) > 0 && context.driver.isMounted(mountPath(mounted.raw))) {
        mounted.raw.count = count(mounted.raw) + 1;
        context.mounts.save();
        return mountPath(mounted.raw);
      }
      const target = path.normalize(
        context.driver.mount(layer.raw.id, {
          readOnly: options.readOnly,
          mountLabel: options.mountLabel ?? textField(layer.raw, "mountlabel"),
          options: options.options,
          volatile: options.volatile,
          // What a mapped layer holds has its owners on disk.
          ...(isShifted(entries, textField(layer.raw, "parent")) ? {} : { idMappings: options.idMappings }),
        }),
      );
      const raw: RawRecord = { id: layer.raw.id, path: target, count: 1 };
      if (mounted === undefined) mounts.push({ raw, file: 0 });
      else mounts.splice(mounts.indexOf(mounted), 1, { raw, file: 0 });
      context.mounts.save();
      return target;
    });
  });
}

/** Takes one user off a layer's mount, or all; unmounts when none is left and returns true then. */
export function unmountLayer(context: LayerContext, id: string, force: boolean): boolean {
  return writeLayers(context, (entries) => {
    const layer = entryOf(context, entries, id);
    return context.mounts.write((mounts) => {
      const mounted = mounts.find((mount) => mount.raw.id === layer.raw.id);
      if (mounted === undefined && !force) return true;
      if (mounted !== undefined && !force && count(mounted.raw) > 1) {
        mounted.raw.count = count(mounted.raw) - 1;
        context.mounts.save();
        return false;
      }
      if (context.driver.exists(layer.raw.id)) context.driver.unmount(layer.raw.id);
      if (mounted !== undefined) mounts.splice(mounts.indexOf(mounted), 1);
      context.mounts.save();
      return true;
    });
  });
}

/** Where a layer is mounted now. */
export function layerMountPoint(context: LayerContext, id: string): string | undefined {
  return readLayers(context, (entries) => {
    const layer = findLayer(entries, id);
    if (layer === undefined) return undefined;
    return context.mounts.read((mounts) => {
      const mounted = mounts.find((mount) => mount.raw.id === layer.raw.id);
      if (mounted === undefined || count(mounted.raw) === 0) return undefined;
      const target = mountPath(mounted.raw);
      return context.driver.isMounted(target) ? target : undefined;
    });
  });
}

/** Id maps of a layer that was made with its owners shifted. */
export function layerMappings(raw: RawRecord) {
  return { uidMap: idMapField(raw, "uidmap") ?? [], gidMap: idMapField(raw, "gidmap") ?? [] };
}

function entryOf(context: LayerContext, entries: readonly TableEntry[], id: string): TableEntry {
  const found = findLayer(entries, id);
  if (found !== undefined) return found;
  for (const { table } of context.additional) {
    const other = table.read((others) => findLayer(others, id));
    if (other !== undefined) return other;
  }
  return requireLayer(entries, id);
}

function count(raw: RawRecord): number {
  return numberField(raw, "count") ?? 0;
}

function mountPath(raw: RawRecord): string {
  return textField(raw, "path") ?? "";
}
