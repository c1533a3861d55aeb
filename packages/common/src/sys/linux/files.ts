import { FFIType } from "bun:ffi";
import { decodeName } from "../../fs/raw-names.ts";
import { AT_FDCWD, O_CLOEXEC } from "../constants.ts";
import { sysError } from "../errno.ts";
import type { FileSys, Stat, TimeSpec } from "../sys.ts";
import type { SysError } from "../sys-error.ts";
import { check, cstring, EAGAIN, EINTR, errno, lazyLibc, placeIn, retry } from "./binding.ts";

const SYS_OPENAT2 = 437;
/** openat2 answers EAGAIN when a rename elsewhere raced with its walk below the root; a few tries are enough. */
const OPENAT2_TRIES = 64;
const STATX_BASIC_STATS = 0x7ff;
const F_DUPFD_CLOEXEC = 1030;
const F_GETFD = 1;
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const O_NONBLOCK = 0x800;

const libc = lazyLibc({
  syscall: { args: ["i64", "i64", "ptr", "ptr", "i64"], returns: "i64" },
  close: { args: ["i32"], returns: "i32" },
  read: { args: ["i32", "ptr", "u64"], returns: FFIType.i64_fast },
  write: { args: ["i32", "ptr", "u64"], returns: FFIType.i64_fast },
  statx: { args: ["i32", "ptr", "i32", "u32", "ptr"], returns: "i32" },
  mkdirat: { args: ["i32", "ptr", "u32"], returns: "i32" },
  mknodat: { args: ["i32", "ptr", "u32", "u64"], returns: "i32" },
  mkfifoat: { args: ["i32", "ptr", "u32"], returns: "i32" },
  symlinkat: { args: ["ptr", "i32", "ptr"], returns: "i32" },
  linkat: { args: ["i32", "ptr", "i32", "ptr", "i32"], returns: "i32" },
  unlinkat: { args: ["i32", "ptr", "i32"], returns: "i32" },
  renameat2: { args: ["i32", "ptr", "i32", "ptr", "u32"], returns: "i32" },
  readlinkat: { args: ["i32", "ptr", "ptr", "u64"], returns: "i64" },
  fchmodat: { args: ["i32", "ptr", "u32", "i32"], returns: "i32" },
  fchownat: { args: ["i32", "ptr", "u32", "u32", "i32"], returns: "i32" },
  utimensat: { args: ["i32", "ptr", "ptr", "i32"], returns: "i32" },
  statfs: { args: ["ptr", "ptr"], returns: "i32" },
  syncfs: { args: ["i32"], returns: "i32" },
  fsync: { args: ["i32"], returns: "i32" },
  faccessat: { args: ["i32", "ptr", "i32", "i32"], returns: "i32" },
  umask: { args: ["u32"], returns: "u32" },
  memfd_create: { args: ["ptr", "u32"], returns: "i32" },
  pipe2: { args: ["ptr", "i32"], returns: "i32" },
  dup2: { args: ["i32", "i32"], returns: "i32" },
  fallocate: { args: ["i32", "i32", "i64", "i64"], returns: "i32" },
  fcntl: { args: ["i32", "i32", "i64"], returns: "i32" },
});

const SYS_GETDENTS64 = process.arch === "x64" ? 217 : 61;
const AT_EACCESS = 0x200;
/** glibc has a function for it only since 2.30. */
const directoryLibc = lazyLibc({ syscall: { args: ["i64", "i64", "ptr", "u64"], returns: "i64" } });

type Entries = Omit<FileSys, "flock" | "ofdLock" | "reflink" | `${"lset" | "lget" | "lremove"}xattr` | "llistxattr">;

/** Descriptors, directory entries and their metadata. */
export function fileSys(): Entries {
  return { ...descriptorCalls(), ...entryCalls(), ...metadataCalls() };
}

function descriptorCalls() {
  return {
    openat2,
    close: (fd: number) => void check(libc().close(fd), "close", `fd ${fd}`),
    read(fd: number, buffer: Uint8Array, offset: number, length: number) {
      const place = placeIn(buffer, offset, length);
      for (;;) {
        const taken = length === 0 ? 0 : Number(libc().read(fd, place, length));
        if (taken >= 0) return taken;
        if (errno() !== EINTR) throw sysError(errno(), "read", `fd ${fd}`);
      }
    },
    write(fd: number, buffer: Uint8Array, offset: number, length: number) {
      const place = placeIn(buffer, offset, length);
      for (;;) {
        const taken = length === 0 ? 0 : Number(libc().write(fd, place, length));
        if (taken >= 0) return taken;
        if (errno() !== EINTR) throw sysError(errno(), "write", `fd ${fd}`);
      }
    },
    fallocate: (fd: number, bytes: number) => libc().fallocate(fd, 0, 0, bytes) === 0,
    memfdCreate: (name: string) => check(libc().memfd_create(cstring(name), 1), "memfd_create", name),
    pipe2(flags: number): readonly [number, number] {
      const ends = new Int32Array(2);
      check(libc().pipe2(ends, flags | O_CLOEXEC), "pipe2");
      return [ends[0] ?? -1, ends[1] ?? -1];
    },
    dup: (fd: number) => check(libc().fcntl(fd, F_DUPFD_CLOEXEC, 0), "dup", `fd ${fd}`),
    dup2: (from: number, to: number) => void retry(() => libc().dup2(from, to), "dup2", `fd ${from}`),
    setCloseOnExec(fd: number, on: boolean) {
      const flags = check(libc().fcntl(fd, F_GETFD, 0), "fcntl", `fd ${fd}`);
      check(libc().fcntl(fd, F_SETFD, on ? flags | 1 : flags & ~1), "fcntl", `fd ${fd}`);
    },
    setNonBlocking(fd: number, on: boolean) {
      const flags = check(libc().fcntl(fd, F_GETFL, 0), "fcntl", `fd ${fd}`);
      check(libc().fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK), "fcntl", `fd ${fd}`);
    },
    fsync: (fd: number) => void retry(() => libc().fsync(fd), "fsync", `fd ${fd}`),
    syncfs: (fd: number) => void check(libc().syncfs(fd), "syncfs", `fd ${fd}`),
    umask: (mask: number) => libc().umask(mask),
  };
}

function entryCalls() {
  return {
    mkdirat: (dirfd: number, path: string, mode: number) => void check(libc().mkdirat(dirfd, cstring(path), mode), "mkdirat", path),
    mknodat: (dirfd: number, path: string, mode: number, dev: number) =>
      void check(libc().mknodat(dirfd, cstring(path), mode, dev), "mknodat", path),
    mkfifoat: (dirfd: number, path: string, mode: number) => void check(libc().mkfifoat(dirfd, cstring(path), mode), "mkfifoat", path),
    symlinkat: (target: string, dirfd: number, path: string) =>
      void check(libc().symlinkat(cstring(target), dirfd, cstring(path)), "symlinkat", path),
    linkat: (oldDirfd: number, oldPath: string, newDirfd: number, newPath: string, flags: number) =>
      void check(libc().linkat(oldDirfd, cstring(oldPath), newDirfd, cstring(newPath), flags), "linkat", newPath),
    unlinkat: (dirfd: number, path: string, flags: number) => void check(libc().unlinkat(dirfd, cstring(path), flags), "unlinkat", path),
    renameat2: (oldDirfd: number, oldPath: string, newDirfd: number, newPath: string, flags: number) =>
      void check(libc().renameat2(oldDirfd, cstring(oldPath), newDirfd, cstring(newPath), flags), "renameat2", newPath),
    accessible(path: string, mode: number): SysError | undefined {
      return libc().faccessat(AT_FDCWD, cstring(path), mode, AT_EACCESS) === 0 ? undefined : sysError(errno(), "access", path);
    },
    readDirectory,
    readlinkat(dirfd: number, path: string) {
      const target = Buffer.alloc(4096);
      const length = check(libc().readlinkat(dirfd, cstring(path), target, target.length), "readlinkat", path);
      return decodeName(target.subarray(0, length));
    },
  };
}

/** struct linux_dirent64: inode, offset, then the record's length at 16, the type at 18, the name from 19 on up to a NUL. */
function readDirectory(fd: number): string[] {
  const records = Buffer.alloc(8192);
  const names: string[] = [];
  for (;;) {
    const length = Number(directoryLibc().syscall(SYS_GETDENTS64, fd, records, records.length));
    if (length < 0) throw sysError(errno(), "getdents64", `fd ${fd}`);
    if (length === 0) return names;
    for (let at = 0; at < length; at += records.readUInt16LE(at + 16)) {
      const name = decodeName(records.subarray(at + 19, records.indexOf(0, at + 19)));
      if (name !== "." && name !== "..") names.push(name);
    }
  }
}

function metadataCalls() {
  return {
    fstatat(dirfd: number, path: string, flags: number): Stat {
      const record = Buffer.alloc(256);
      check(libc().statx(dirfd, cstring(path), flags, STATX_BASIC_STATS, record), "statx", path);
      return decodeStatx(record);
    },
    fchmodat: (dirfd: number, path: string, mode: number) => void check(libc().fchmodat(dirfd, cstring(path), mode, 0), "fchmodat", path),
    fchownat: (dirfd: number, path: string, uid: number, gid: number, flags: number) =>
      void check(libc().fchownat(dirfd, cstring(path), uid, gid, flags), "fchownat", path),
    utimensat(dirfd: number, path: string, atime: TimeSpec, mtime: TimeSpec, flags: number) {
      const times = BigInt64Array.of(BigInt(atime.sec), BigInt(atime.nsec), BigInt(mtime.sec), BigInt(mtime.nsec));
      check(libc().utimensat(dirfd, cstring(path), times, flags), "utimensat", path);
    },
    statfs(path: string) {
      const record = Buffer.alloc(256);
      retry(() => libc().statfs(cstring(path), record), "statfs", path);
      return {
        type: Number(record.readBigInt64LE(0)),
        blockSize: Number(record.readBigInt64LE(8)),
        blocks: Number(record.readBigUInt64LE(16)),
        available: Number(record.readBigUInt64LE(32)),
      };
    },
  };
}

function openat2(dirfd: number, path: string, flags: number, mode: number, resolve: number): number {
  const how = BigUint64Array.of(BigInt(flags | O_CLOEXEC), BigInt(mode), BigInt(resolve));
  const name = cstring(path);
  for (let attempt = 0; ; attempt++) {
    const result = libc().syscall(SYS_OPENAT2, dirfd, name, how, how.byteLength);
    if (result >= 0) return Number(result);
    const failure = errno();
    const again = failure === EAGAIN && attempt < OPENAT2_TRIES;
    if (!again && failure !== 4) throw sysError(failure, "openat2", path);
  }
}

/** struct statx, the same on every architecture. */
function decodeStatx(record: Buffer): Stat {
  return {
    nlink: record.readUInt32LE(16),
    uid: record.readUInt32LE(20),
    gid: record.readUInt32LE(24),
    mode: record.readUInt16LE(28),
    ino: Number(record.readBigUInt64LE(32)),
    size: Number(record.readBigUInt64LE(40)),
    mtimeSec: Number(record.readBigInt64LE(112)),
    mtimeNsec: record.readUInt32LE(120),
    rdev: deviceNumber(record.readUInt32LE(128), record.readUInt32LE(132)),
    dev: deviceNumber(record.readUInt32LE(136), record.readUInt32LE(140)),
  };
}

/** makedev(3): glibc's and the kernel's 64-bit encoding, the one that mknodat takes. */
export function deviceNumber(major: number, minor: number): number {
  const low = ((major & 0xfff) << 8) | (minor & 0xff);
  return low + (minor >>> 8) * 0x100000 + Math.floor(major / 0x1000) * 2 ** 44;
}
