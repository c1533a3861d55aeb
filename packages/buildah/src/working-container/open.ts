import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Store } from "@containers/storage/store";
import { RECORD_FILE, type WorkingContainer } from "./record.ts";
import { recordFromJson } from "./record-json.ts";

/** The working container of that name or id; not-found when there is none or it belongs to someone else. */
export function openWorkingContainer(store: Store, nameOrId: string): WorkingContainer {
  const container = findWorkingContainer(store, nameOrId);
  if (container === undefined) {
    throw new ToolError("not-found", `reading build container ${JSON.stringify(nameOrId)}: container not known`, {
      code: "container-unknown",
    });
  }
  return container;
}

/** Like {@link openWorkingContainer}; undefined when there is none. */
export function findWorkingContainer(store: Store, nameOrId: string): WorkingContainer | undefined {
  const record = nameOrId === "" ? undefined : store.containers.get(nameOrId);
  if (record === undefined || !isWorkingContainer(store, record.id)) return undefined;
  return { ...recordFromJson(readFileSync(recordPath(store, record.id)), record.id), id: record.id, name: record.names[0] ?? record.id };
}

/** Every working container of the store, in its order. */
export function listWorkingContainers(store: Store): WorkingContainer[] {
  return store.containers.list().flatMap((record) => {
    const container = findWorkingContainer(store, record.id);
    return container === undefined ? [] : [container];
  });
}

/** Whether buildah, ours or the original, made the container. */
export function isWorkingContainer(store: Store, id: string): boolean {
  return existsSync(recordPath(store, id));
}

/** Where the record of a container is. */
export function recordPath(store: Store, id: string): string {
  return join(store.containers.directory(id), RECORD_FILE);
}
