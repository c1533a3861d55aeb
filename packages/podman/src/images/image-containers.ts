import type { Engine } from "../engine/engine.ts";

/** The engine's containers on an image, for commands that may have to remove them. Opens the engine's state only when asked. */
export function containersOfImage(engine: Engine, imageId: string): { remove(): Promise<void> } {
  return {
    async remove() {
      const using = engine.state.containers.list({ imageId });
      if (using.length === 0) return;
      await removePodsOf(
        engine,
        using.flatMap(({ isInfra, podId }) => (isInfra && podId !== undefined ? [podId] : [])),
      );
      const ids = using.filter(({ id }) => engine.state.containers.get(id) !== undefined).map(({ id }) => id);
      const { removeContainers } = await import("../containers/removal/remove.ts");
      const reports = await removeContainers(engine, ids, { force: true, depend: true });
      const failed = reports.find((report) => report.error !== undefined);
      if (failed !== undefined) throw failed.error;
    },
  };
}

/** An infra container goes with its pod alone. */
async function removePodsOf(engine: Engine, podIds: readonly string[]): Promise<void> {
  if (podIds.length === 0) return;
  const { removePods } = await import("../pods/remove.ts");
  const pods = podIds.map((id) => engine.state.pods.get(id)).filter((pod) => pod !== undefined);
  const failed = (await removePods(engine, pods, { force: true })).find(({ errors }) => errors.length > 0);
  if (failed !== undefined) throw failed.errors[0];
}

/** Whether a container of the store is not one of this engine's: buildah's, for example. */
export function isExternalContainer(engine: Engine, id: string): boolean {
  return engine.state.containers.get(id) === undefined;
}
