import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { acquireFileLock, type FileLock } from "@containers/common/fs/file-lock";
import type { Store } from "@containers/storage/store";

/** Held while a build works on a container that nobody shall find afterwards. */
export interface Lease {
  /** The container is gone, or shall stay. */
  end(): void;
}

/**
 * Says that the container of this id, which is about to be made, lives only as long as this process: a locked file in the store, whose lock
 * the kernel gives up when its holder dies. {@link removeAbandoned} then removes the container.
 */
export function leaseContainer(store: Pick<Store, "graphRoot">, id: string): Lease {
  const path = join(leaseDirectory(store), id);
  mkdirSync(leaseDirectory(store), { recursive: true, mode: 0o700 });
  for (;;) {
    const lock = acquireFileLock(path, "write", { wait: true });
    // Someone who cleans up may have removed the file between its making and its locking.
    if (lock !== undefined && existsSync(path)) return { end: () => endLease(path, lock) };
    lock?.release();
  }
}

function endLease(path: string, lock: FileLock): void {
  rmSync(path, { force: true });
  lock.release();
}

/** Removes the working containers of builds that were killed. Cheap where there are none. */
export function removeAbandoned(store: Pick<Store, "graphRoot" | "containers">): void {
  const directory = leaseDirectory(store);
  if (!existsSync(directory)) return;
  for (const id of readdirSync(directory)) {
    const lock = acquireFileLock(join(directory, id), "write", { wait: false });
    if (lock === undefined) continue;
    try {
      if (store.containers.get(id) !== undefined) store.containers.remove(id);
      rmSync(join(directory, id), { force: true });
    } catch {
      // Something of it is still in use; whoever comes next tries again.
    } finally {
      lock.release();
    }
  }
}

function leaseDirectory(store: Pick<Store, "graphRoot">): string {
  return join(store.graphRoot, "builds");
}
