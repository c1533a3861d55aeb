/** Something to be copied, as a tar archive would describe it. */
export interface CopyEntry {
  /** Relative, slashes between parts, no leading or trailing one. */
  readonly name: string;
  readonly type: "file" | "directory" | "symlink" | "hardlink" | "char" | "block" | "fifo";
  /** Permission bits with set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for anything but files. */
  readonly size: number;
  readonly mtime: { readonly sec: number; readonly nsec: number };
  /** Target of a symlink; for a hard link the name of an entry before this one. */
  readonly linkName: string;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** Archives may carry names besides numbers. */
  readonly userName?: string;
  readonly groupName?: string;
  /** It came in GNU's archive format rather than POSIX's: its header is hashed in that form. */
  readonly gnu?: boolean;
  /** The content of a file, once. */
  content(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Sets ownership, permissions or name of entries on their way. */
export interface EntryOverrides {
  readonly owner?: { readonly uid: number; readonly gid: number };
  /** Permission bits for files and directories alike. */
  readonly mode?: number;
  readonly stripSetId: boolean;
  /** New name of the only entry. */
  readonly rename?: string;
}

/** The entry as it goes on. */
export function overrideEntry(entry: CopyEntry, overrides: EntryOverrides): CopyEntry {
  const kept = overrides.stripSetId ? entry.mode & ~0o6000 : entry.mode;
  return {
    ...entry,
    name: overrides.rename ?? entry.name,
    mode: overrides.mode ?? kept,
    uid: overrides.owner?.uid ?? entry.uid,
    gid: overrides.owner?.gid ?? entry.gid,
    content: () => entry.content(),
  };
}
