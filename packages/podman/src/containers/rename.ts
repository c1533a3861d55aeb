import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../locks/with-container-lock.ts";
import { containerEvent } from "./container-event.ts";

/** Gives a container another name, in the state and in the store. */
export async function renameContainer(
  engine: Pick<Engine, "state" | "locks" | "store" | "events">,
  reference: string,
  name: string,
): Promise<void> {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    throw new ToolError("invalid-argument", "names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument");
  }
  const { config } = resolveContainer(engine, reference);
  await withContainerLock(engine, config.id, (container) => {
    const renamed = { ...container.config, name };
    engine.state.containers.setConfig(config.id, renamed);
    engine.store.containers.setNames(config.id, [name]);
    engine.events.write(containerEvent(renamed, "rename"));
  });
}
