import type { TimeSpec } from "@containers/common/sys/sys";

/** What an archive entry makes; `global` is a pax header for the whole archive, which carries nothing to extract. */
export type TarEntryType = "file" | "hardlink" | "symlink" | "char" | "block" | "directory" | "fifo" | "global";

/** A piece of a sparse file that has data; everything between is a hole. */
export interface SparsePiece {
  readonly offset: number;
  readonly length: number;
}

/** One entry's metadata, after pax and GNU extensions were applied. */
export interface TarEntry {
  /** As the archive has it, not normalised. */
  readonly name: string;
  readonly type: TarEntryType;
  /** Target of a link; empty for everything else. */
  readonly linkName: string;
  /** Permission, set-id and sticky bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes that the file has on disk; for a sparse file holes included. */
  readonly size: number;
  /** Bytes that follow the header in the archive. */
  readonly storedSize: number;
  readonly mtime: TimeSpec;
  readonly atime: TimeSpec | undefined;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array> | undefined;
  readonly sparse: readonly SparsePiece[] | undefined;
  /** What the headers themselves say where that is more than an extraction needs; absent for what no archive was read for. */
  readonly asWritten?: EntryAsWritten;
}

/** Facts of an entry's headers that its extraction does not need, but its description elsewhere does. */
export interface EntryAsWritten {
  readonly typeFlag: string;
  /** With whatever bits stand in the header. */
  readonly mode: number;
  readonly size: number;
  readonly linkName: string;
  readonly ctime: TimeSpec | undefined;
  /** The header block has times of its own beside the modification time, as GNU's incremental archives and star's do. */
  readonly moreTimes: boolean;
}

/** Where a {@link TarReader} puts what it reads. All byte arrays are only valid during the call. */
export interface TarSink {
  /** Bytes of the archive that are not a plain file's payload: headers, padding, the stored form of sparse files, the end. */
  raw(bytes: Uint8Array): void;
  /** The next entry; its headers were all given to `raw` before. */
  entry(entry: TarEntry): void;
  /** Payload of the current file, in order; `position` is the offset in the file. */
  data(bytes: Uint8Array, position: number): void;
  /** The current entry's payload is complete. */
  endEntry(): void;
}

export const BLOCK_SIZE = 512;

/** The Linux device number of a major and a minor number (glibc's `makedev`). */
export function makeDevice(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + Math.floor(minor / 0x100) * 0x100000 + Math.floor(major / 0x1000) * 0x100000000000;
}

/** Major and minor number of a Linux device number. */
export function splitDevice(device: number): { major: number; minor: number } {
  const low = device % 0x100000000;
  const high = Math.floor(device / 0x100000000);
  const major = ((low >>> 8) & 0xfff) | (high & 0xfffff000);
  const minor = (low & 0xff) | ((low >>> 12) & 0xfff00) | ((high & 0xfff) << 20);
  return { major: major >>> 0, minor: minor >>> 0 };
}
