import { ToolError } from "@containers/common/errors/tool-error";
import { createLayer } from "../layers/create-layer.ts";
import { writeLayers } from "../layers/layer-context.ts";
import { checkId, randomId } from "../short-ids/short-ids.ts";
import type { ContainerRecord, CreateContainerOptions, CreateLayerOptions } from "../store.ts";
import { rawIdMap, setField, textList } from "../store-lock/record-fields.ts";
import type { RawRecord, TableEntry } from "../store-lock/record-table.ts";
import { STABLE_CONTAINERS, toContainerRecord, VOLATILE_CONTAINERS } from "./container-record.ts";
import type { ContainerContext } from "./container-store.ts";
import { mappedParent, needsMappedLayer } from "./mapped-parent.ts";

/**
 * Makes a container's layer and record under the layers' and the containers' lock. The layer stays marked until the record is
 * written, so that a kill at any point leaves either both or nothing.
 */
export function createContainer(context: ContainerContext, options: CreateContainerOptions): ContainerRecord {
  const id = options.id === undefined ? randomId() : checkId(options.id);
  const names = [...new Set(options.names ?? [])];
  const mapped = needsMappedLayer(context.layers, options.idMappings);
  const create = (): ContainerRecord => createLocked(context, id, { ...options, names, mapped });
  if (!mapped) return create();
  // Files are copied through a mount, and mounting needs the store's lock, which comes before all others.
  return context.layers.storeLock.write(() => {
    context.layers.driver.prepareMounts?.();
    return create();
  });
}

function createLocked(
  context: ContainerContext,
  id: string,
  options: CreateContainerOptions & { readonly names: readonly string[]; readonly mapped: boolean },
): ContainerRecord {
  const { names } = options;
  const file = options.volatile === true ? VOLATILE_CONTAINERS : STABLE_CONTAINERS;
  return writeLayers(context.layers, (layers) => {
    const parent = parentLayer(context, layers, options);
    return context.table.write((entries) => {
      for (const entry of entries) {
        if (entry.raw.id === id) throw new ToolError("already-exists", `container ${id} already exists`);
        const taken = names.find((name) => textList(entry.raw, "names").includes(name));
        if (taken !== undefined) {
          throw new ToolError("already-exists", `the container name "${taken}" is already in use by ${entry.raw.id}`, {
            code: "name-in-use",
            hint: "remove that container to be able to reuse the name",
          });
        }
      }
      const raw = newRecord(id, options);
      const layer: CreateLayerOptions = {
        parent,
        names: names.map((name) => `${name}-layer`),
        mountLabel: options.mountLabel,
        idMappings: options.idMappings,
        volatile: options.volatile,
        storageOptions: options.storageOptions,
      };
      const listed = { raw, file };
      try {
        createLayer(context.layers, layer, (layerId) => {
          raw.layer = layerId;
          entries.push(listed);
          context.table.save([listed]);
        });
      } catch (error) {
        if (entries.includes(listed)) {
          entries.splice(entries.indexOf(listed), 1);
          context.table.save([listed], { durable: false });
        }
        throw error;
      }
      return toContainerRecord(raw, file);
    });
  });
}

type ParentOptions = Pick<CreateContainerOptions, "image" | "idMappings"> & { readonly mapped: boolean };

function parentLayer(context: ContainerContext, layers: readonly TableEntry[], options: ParentOptions): string | undefined {
  const { image, idMappings, mapped } = options;
  if (image === undefined || image === "") return undefined;
  const found = context.imageLayer(image);
  if (found === undefined) throw new ToolError("not-found", `${image}: image not known`);
  if (!mapped || idMappings === undefined) return found.layer;
  return mappedParent(context.layers, layers, { images: context.images, image, mappings: idMappings });
}

/** A record that has no layer yet. */
export function newRecord(id: string, options: CreateContainerOptions): RawRecord {
  const raw: RawRecord = { id };
  setField(raw, "names", options.names);
  raw.image = options.image ?? "";
  raw.layer = "";
  setField(raw, "metadata", options.metadata);
  raw.created = new Date().toISOString();
  setField(raw, "uidmap", rawIdMap(options.idMappings?.uidMap ?? []));
  setField(raw, "gidmap", rawIdMap(options.idMappings?.gidMap ?? []));
  const flags: Record<string, unknown> = { MountLabel: options.mountLabel ?? "", ProcessLabel: options.processLabel ?? "" };
  if (options.volatile === true) flags.Volatile = true;
  raw.flags = flags;
  return raw;
}
