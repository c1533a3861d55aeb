import type { Engine } from "../engine/engine.ts";

/** The word of a waiting podman that it will clean up itself. */
export interface ExitLease {
  readonly path: string;
  /** The clean-up is done: the monitor need not start one. */
  done(): void;
  release(): void;
}

/**
 * Takes the lease of a container: a lock that the monitor waits for before it starts its exit command. Released without {@link ExitLease.done} (this process
 * was killed, or the user detached), the monitor goes on as usual. Undefined where the monitor is not ours and does not know leases.
 */
export function takeExitLease(engine: Pick<Engine, "locks" | "paths" | "conmon">, id: string): ExitLease | undefined {
  if (!engine.conmon().isOwn) return undefined;
  const name = `${id}.lease`;
  const lock = engine.locks.acquire(name);
  return {
    path: `${engine.paths.locksDir}/${name}`,
    done: () => engine.locks.forget(name),
    release: () => lock.release(),
  };
}
