import { ToolError } from "@containers/common/errors/tool-error";
import type { Container } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";

/**
 * Runs `body` while this process alone may change the container, with the record as it is then. The lock is released however
 * `body` ends, or by the kernel when this process dies. not-found when the container has gone meanwhile.
 */
export async function withContainerLock<T>(
  engine: Pick<Engine, "locks" | "state">,
  id: string,
  body: (container: Container) => Promise<T> | T,
): Promise<T> {
  const lock = engine.locks.acquire(id);
  try {
    const container = engine.state.containers.get(id);
    if (container === undefined) throw noSuchContainer(id);
    return await body(container);
  } finally {
    lock.release();
  }
}

/** The container that the user named; not-found with the original's words. */
export function resolveContainer(engine: Pick<Engine, "state">, reference: string): Container {
  const container = engine.state.containers.resolve(reference);
  if (container === undefined) throw noSuchContainer(reference);
  return container;
}

export function noSuchContainer(reference: string): ToolError {
  return new ToolError("not-found", `no container with name or ID "${reference}" found: no such container`, { code: "no-such-container" });
}
