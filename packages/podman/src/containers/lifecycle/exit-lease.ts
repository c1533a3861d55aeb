import type { Engine } from "../../engine/engine.ts";
import type { ContainerState } from "../state.ts";

/**
 * The word of a podman that it will clean up after a run itself: a lock that the monitor waits for before it starts its exit command. The file's absence
 * says that the clean-up is done. See docs/decisions/0002-exit-lease.md.
 */
export interface ExitLease {
  /** Name among the locks; noted in the container's state. */
  readonly name: string;
  readonly path: string;
  /** Lets go. Without {@link fulfilLease} before, the monitor goes on as usual. */
  release(): void;
}

type Ports = Pick<Engine, "locks" | "paths">;

/** Makes the lease of a run that is about to begin and holds it; undefined where the monitor is not ours and does not know leases. */
export function makeLease(engine: Ports & Pick<Engine, "conmon">, id: string): ExitLease | undefined {
  if (!engine.conmon().isOwn) return undefined;
  // A name of its own for every run: the last run's monitor may still be at its end.
  return hold(engine, `${id}.${process.pid}.${Date.now().toString(36)}.lease`);
}

/** Takes the lease of a run that is under way; undefined when it has none, or somebody else means to clean up. */
export function takeLease(engine: Ports, state: ContainerState): ExitLease | undefined {
  return state.exitLease === undefined ? undefined : hold(engine, state.exitLease);
}

/** The clean-up of the run is done, whoever did it: the monitor need not start one. */
export function fulfilLease(engine: Ports, state: ContainerState): void {
  if (state.exitLease !== undefined) engine.locks.forget(state.exitLease);
}

function hold(engine: Ports, name: string): ExitLease | undefined {
  const lock = engine.locks.tryAcquire(name);
  return lock === undefined ? undefined : { name, path: `${engine.paths.locksDir}/${name}`, release: () => lock.release() };
}
