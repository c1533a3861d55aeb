import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import type { RemoveOptions } from "../options.ts";

/**
 * Removes a container of another tool.
 *
 * @returns its id; undefined when there is none
 * @throws invalid-state when it is mounted and `force` is not given
 */
export function removeExternal(
  engine: Pick<Engine, "store">,
  reference: string,
  options: Pick<RemoveOptions, "force">,
): string | undefined {
  const record = engine.store.containers.get(reference);
  if (record === undefined) return undefined;
  if (options.force !== true && engine.store.layers.mountPoint(record.layer) !== undefined) {
    throw new ToolError(
      "invalid-state",
      `container ${record.id} is mounted and cannot be removed without using force: container state improper`,
      { exitCode: 2 },
    );
  }
  engine.store.containers.remove(record.id);
  return record.id;
}
