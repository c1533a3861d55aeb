import type { ContainerRecord } from "../store.ts";
import { idMapField, objectField, textField, textList } from "../store-lock/record-fields.ts";
import type { RawRecord } from "../store-lock/record-table.ts";

/** Index of containers.json and volatile-containers.json in the containers' table. */
export const STABLE_CONTAINERS = 0;
export const VOLATILE_CONTAINERS = 1;

/** The public view of a record in containers.json. */
export function toContainerRecord(raw: RawRecord, file: number): ContainerRecord {
  const flags = objectField(raw, "flags");
  const label = (key: string): string | undefined => (typeof flags[key] === "string" && flags[key] !== "" ? flags[key] : undefined);
  return {
    id: raw.id,
    names: textList(raw, "names"),
    image: textField(raw, "image"),
    layer: textField(raw, "layer") ?? "",
    metadata: textField(raw, "metadata"),
    created: textField(raw, "created") ?? "",
    volatile: file === VOLATILE_CONTAINERS || flags.Volatile === true,
    bigDataNames: textList(raw, "big-data-names"),
    uidMap: idMapField(raw, "uidmap"),
    gidMap: idMapField(raw, "gidmap"),
    mountLabel: label("MountLabel"),
    processLabel: label("ProcessLabel"),
  };
}
