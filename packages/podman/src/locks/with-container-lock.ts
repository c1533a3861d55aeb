import { ToolError } from "@containers/common/errors/tool-error";
import type { Container } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import type { HeldLock, LockManager } from "./lock-manager.ts";

/**
 * Runs `body` while this process alone may change the container, with the record as it is then. The lock is released however
 * `body` ends, or by the kernel when this process dies. not-found when the container has gone meanwhile.
 */
export async function withContainerLock<T>(
  engine: Pick<Engine, "locks" | "state">,
  id: string,
  body: (container: Container) => Promise<T> | T,
): Promise<T> {
  const lock = await acquire(engine.locks, id);
  try {
    const container = engine.state.containers.get(id);
    if (container === undefined) {
      // Whoever removed it has forgotten the lock, and asking made it anew.
      engine.locks.forget(id);
      throw noSuchContainer(id);
    }
    return await body(container);
  } finally {
    lock.release();
  }
}

/**
 * Waits without blocking the event loop: another operation of this very process may hold the lock, and needs the loop to end.
 */
async function acquire(locks: LockManager, id: string): Promise<HeldLock> {
  for (let pause = 1; ; pause = Math.min(pause * 2, 20)) {
    const lock = locks.tryAcquire(id);
    if (lock !== undefined) return lock;
    await Bun.sleep(pause);
  }
}

/** The container that the user named; not-found with the original's words. */
export function resolveContainer(engine: Pick<Engine, "state">, reference: string): Container {
  const container = engine.state.containers.resolve(reference);
  if (container === undefined) throw noSuchContainer(reference);
  return container;
}

function noSuchContainer(reference: string): ToolError {
  return new ToolError("not-found", `no container with name or ID "${reference}" found: no such container`, { code: "no-such-container" });
}
