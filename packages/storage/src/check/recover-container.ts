import { STABLE_CONTAINERS, VOLATILE_CONTAINERS } from "../containers/container-record.ts";
import { newRecord } from "../containers/create-container.ts";
import { writeLayers } from "../layers/layer-context.ts";
import { checkId } from "../short-ids/short-ids.ts";
import type { CreateContainerOptions } from "../store.ts";
import { setField, textField, textList } from "../store-lock/record-fields.ts";
import type { CheckedStore } from "./check-store.ts";

/**
 * Makes the record of a container again, of which only the layer is left: layers are named after their containers. False when there is none that
 * no other container has, or the id or a name is taken.
 */
export function recoverContainer({ layers, containers }: CheckedStore, options: CreateContainerOptions & { readonly id: string }): boolean {
  const id = checkId(options.id);
  const names = options.names ?? [];
  const layerNames = names.map((name) => `${name}-layer`);
  return writeLayers(layers, (entries) =>
    containers.table.write((records) => {
      if (records.some(({ raw }) => raw.id === id || textList(raw, "names").some((name) => names.includes(name)))) return false;
      const used = new Set(records.map(({ raw }) => textField(raw, "layer")));
      const found = entries.find(({ raw }) => !used.has(raw.id) && textList(raw, "names").some((name) => layerNames.includes(name)));
      if (found === undefined) return false;
      const raw = newRecord(id, options);
      raw.layer = found.raw.id;
      setField(raw, "created", textField(found.raw, "created"));
      const record = { raw, file: options.volatile === true ? VOLATILE_CONTAINERS : STABLE_CONTAINERS };
      records.push(record);
      containers.table.save([record]);
      return true;
    }),
  );
}
