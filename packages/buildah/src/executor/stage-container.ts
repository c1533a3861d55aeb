import { randomBytes } from "node:crypto";
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import type { Store } from "@containers/storage/store";
import { type CommitOptions, type CommittedImage, commitContainer } from "../commit/commit.ts";
import { prunePulledUp } from "../commit/prune-pulled-up.ts";
import { resolveOwner } from "../copier/owner.ts";
import { openOrMakeDirectory } from "../copier/write-tree.ts";
import type { PulledUpDirectory } from "../run/mount-targets.ts";
import type { ScanResult } from "../sbom/scan.ts";
import { materialize, type WorkingBase } from "../working-container/create.ts";
import type { HistoryEntry } from "../working-container/image-config.ts";
import { type Lease, leaseContainer } from "../working-container/lease.ts";
import type { WorkingContainer } from "../working-container/record.ts";

/**
 * The working container of a stage, made only when a step needs files: a stage that comes wholly out of the cache
 * never has one. Each commit or cache hit moves it onto a new base.
 */
export class StageContainer {
  private readonly store: Store;
  private readonly sys: Sys;
  /** `--rm=false`: containers stay in the store when they are done with. */
  private readonly keep: boolean;
  private readonly blobCache: string | undefined;
  private current: WorkingBase;
  private container: WorkingContainer | undefined;
  private lease: Lease | undefined;
  private mounted: string | undefined;
  private pulledUp: PulledUpDirectory[] = [];

  constructor(
    store: Store,
    sys: Sys,
    options: { readonly base: WorkingBase; readonly keep: boolean; readonly blobCache?: string | undefined },
  ) {
    this.store = store;
    this.sys = sys;
    this.current = options.base;
    this.keep = options.keep;
    this.blobCache = options.blobCache;
  }

  /** What the container stands on. */
  get base(): WorkingBase {
    return this.container ?? this.current;
  }

  /** The container, made when there is none yet. */
  open(): WorkingContainer {
    if (this.container !== undefined) return this.container;
    const id = randomBytes(32).toString("hex");
    if (!this.keep) this.lease = leaseContainer(this.store, id);
    this.container = materialize(this.store, this.current, { id });
    return this.container;
  }

  /** Where its files are. */
  mount(): string {
    this.mounted ??= this.store.containers.mount(this.open().id);
    return this.mounted;
  }

  /** Makes the working directory, owned by the user who will be in it, where it is missing. */
  ensureWorkingDir(path: string, user: string): void {
    if (path === "" || path === "/") return;
    const root = this.mount();
    const rootFd = this.sys.openat2(AT_FDCWD, root, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
    try {
      this.sys.close(openOrMakeDirectory(this.sys, { root: rootFd, path, owner: ownerOrRoot(this.sys, root, user) }));
    } finally {
      this.sys.close(rootFd);
    }
  }

  /** Directories that a commit must leave out when nothing else happens to them. */
  notePulledUp(directories: readonly PulledUpDirectory[]): void {
    const known = new Set(this.pulledUp.map((directory) => directory.path));
    this.pulledUp.push(...directories.filter((directory) => !known.has(directory.path)));
  }

  /** Notes a step that made no layer of its own. */
  addHistory(entry: HistoryEntry): void {
    const container = this.open();
    this.container = { ...container, historyBefore: [...container.historyBefore, entry] };
  }

  /** As {@link commit}, with what a look at the files finds. */
  async scanAndCommit(
    options: CommitOptions,
    scan: (target: { readonly container: WorkingContainer; readonly rootfs: string }) => Promise<ScanResult>,
  ): Promise<CommittedImage> {
    const found = await scan({ container: this.open(), rootfs: this.mount() });
    try {
      const image = await this.commit({ ...options, addedFiles: [...(options.addedFiles ?? []), ...found.files] });
      found.save();
      return image;
    } finally {
      found.close();
    }
  }

  /** Makes an image of the container as it is now. */
  async commit(options: CommitOptions): Promise<CommittedImage> {
    // When only the config changed, no container is needed at all.
    const container =
      options.emptyLayer && !options.squash && this.container === undefined ? { ...this.current, id: "", name: "" } : this.open();
    this.unmount();
    if (!options.emptyLayer || options.squash) this.prune(container);
    return commitContainer(this.store, container, this.blobCache === undefined ? options : { ...options, blobCache: this.blobCache });
  }

  /** Goes on from another image; what was in the container is given up unless only its config changed. */
  rebase(base: WorkingBase, keepFiles: boolean): void {
    if (keepFiles && this.container !== undefined && base.topLayer === this.container.topLayer) {
      this.container = { ...this.container, ...base };
      this.current = base;
      return;
    }
    this.remove();
    this.current = base;
  }

  /** Unmounts and deletes the container, if there is one. */
  remove(): void {
    const container = this.container;
    const lease = this.lease;
    this.lease = undefined;
    this.release();
    if (container !== undefined && !this.keep) this.store.containers.remove(container.id);
    lease?.end();
  }

  /** Unmounts the container and leaves it in the store. */
  release(): void {
    this.unmount();
    this.lease?.end();
    this.lease = undefined;
    this.container = undefined;
    this.pulledUp = [];
  }

  private unmount(): void {
    if (this.mounted === undefined || this.container === undefined) return;
    this.store.containers.unmount(this.container.id);
    this.mounted = undefined;
  }

  private prune(container: WorkingContainer): void {
    const layer = this.store.containers.get(container.id)?.layer;
    // With vfs a layer holds everything, so that nothing was copied up.
    if (layer === undefined || this.store.driverName !== "overlay") return;
    prunePulledUp(this.sys, this.store.layers.diffPath(layer), this.pulledUp.splice(0));
  }
}

function ownerOrRoot(sys: Sys, root: string, user: string): { uid: number; gid: number } {
  if (user === "") return { uid: 0, gid: 0 };
  try {
    return resolveOwner(sys, root, user);
  } catch {
    // An unknown user fails when something is run as it, not before.
    return { uid: 0, gid: 0 };
  }
}
