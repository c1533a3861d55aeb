import type { Engine } from "../engine/engine.ts";

/** The engine's containers on an image, for commands that may have to remove them. Opens the engine's state only when asked. */
export function containersOfImage(engine: Engine, imageId: string): { remove(): Promise<void> } {
  return {
    async remove() {
      const ids = engine.state.containers.list({ imageId }).map((container) => container.id);
      if (ids.length === 0) return;
      const { removeContainers } = await import("../containers/remove.ts");
      const reports = await removeContainers(engine, ids, { force: true, depend: true });
      const failed = reports.find((report) => report.error !== undefined);
      if (failed !== undefined) throw failed.error;
    },
  };
}

/** Whether a container of the store is not one of this engine's: buildah's, for example. */
export function isExternalContainer(engine: Engine, id: string): boolean {
  return engine.state.containers.get(id) === undefined;
}
