import { sysError } from "../errno.ts";
import type { FileSys } from "../sys.ts";
import { EAGAIN, EINTR, errno, lazyLibc } from "./binding.ts";

const libc = lazyLibc({
  flock: { args: ["i32", "i32"], returns: "i32" },
  fcntl: { args: ["i32", "i32", "ptr"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "i64"], returns: "i32" },
});

const F_OFD_SETLK = 37;
const F_OFD_SETLKW = 38;
const LOCK_TYPES = { read: 0, write: 1, unlock: 2 } as const;
const FICLONE = 0x40049409;
const EACCES = 13;
/** EXDEV, EINVAL, ENOTTY, ENOSYS, EOPNOTSUPP: this pair of files cannot share extents. */
const NO_REFLINK: ReadonlySet<number> = new Set([18, 22, 25, 38, 95]);

/** Whole-file locks, and the sharing of file contents. */
export function lockSys(): Pick<FileSys, "flock" | "ofdLock" | "reflink"> {
  return {
    flock: (fd, operation) => locked(() => libc().flock(fd, operation), "flock", fd),
    ofdLock(fd, kind, wait) {
      // struct flock: l_type, l_whence (SEEK_SET), l_start 0, l_len 0 (to the end, however far it grows), l_pid 0
      const range = Buffer.alloc(32);
      range.writeInt16LE(LOCK_TYPES[kind], 0);
      return locked(() => libc().fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, range), "fcntl(F_OFD_SETLK)", fd);
    },
    reflink(destinationFd, sourceFd) {
      if (libc().ioctl(destinationFd, FICLONE, sourceFd) === 0) return true;
      if (NO_REFLINK.has(errno())) return false;
      throw sysError(errno(), "ioctl(FICLONE)", `fd ${destinationFd}`);
    },
  };
}

function locked(call: () => number, syscall: string, fd: number): boolean {
  for (;;) {
    if (call() === 0) return true;
    const failure = errno();
    if (failure === EAGAIN || failure === EACCES) return false;
    if (failure !== EINTR) throw sysError(failure, syscall, `fd ${fd}`);
  }
}
