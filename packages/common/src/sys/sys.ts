import type { SysError } from "./sys-error.ts";

/**
 * The kernel, as the tools see it: the system calls that Node's API lacks. `linuxSys()` in `linux.ts` is
 * the one real implementation and the only code that may use `bun:ffi`; `recordingSys()` in
 * `recording.ts` is the double for tests.
 *
 * Every method is synchronous, and throws {@link SysError} (errno name, call, path) on failure unless it says
 * otherwise. Descriptors are plain numbers owned by the caller; every one made here is close-on-exec.
 * Ids, sizes and flags are numbers; 64-bit device numbers and offsets fit because they stay below 2^53.
 */
export interface Sys
  extends FileSys,
    MountSys,
    NamespaceSys,
    QuotaSys,
    InterfaceSys,
    ProcessSys,
    MemorySys,
    ClockSys,
    SocketSys,
    TerminalSys {}

/** What a container's monitor needs of it: the rest stays out of a process of which a machine runs hundreds. */
export interface MonitorSys
  extends Omit<FileSys, `${"lset" | "lget" | "lremove"}xattr` | "llistxattr">,
    ProcessSys,
    MemorySys,
    ClockSys,
    SocketSys,
    TerminalSys {}

export interface Stat {
  readonly dev: number;
  readonly ino: number;
  /** File type and permission bits, as st_mode. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** st_rdev: device number of a device node. */
  readonly rdev: number;
  readonly size: number;
  readonly mtimeSec: number;
  readonly mtimeNsec: number;
}

/** A point in time for {@link FileSys.utimensat}; nanoseconds 0..999999999. */
export interface TimeSpec {
  readonly sec: number;
  readonly nsec: number;
}

export interface FileSys {
  /** openat2(2). `resolve` is a set of RESOLVE_* flags; RESOLVE_IN_ROOT keeps every symlink and `..` below `dirfd`. */
  openat2(dirfd: number, path: string, flags: number, mode: number, resolve: number): number;
  close(fd: number): void;
  read(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  write(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  fstatat(dirfd: number, path: string, flags: number): Stat;
  mkdirat(dirfd: number, path: string, mode: number): void;
  mknodat(dirfd: number, path: string, mode: number, dev: number): void;
  mkfifoat(dirfd: number, path: string, mode: number): void;
  symlinkat(target: string, dirfd: number, path: string): void;
  linkat(oldDirfd: number, oldPath: string, newDirfd: number, newPath: string, flags: number): void;
  unlinkat(dirfd: number, path: string, flags: number): void;
  renameat2(oldDirfd: number, oldPath: string, newDirfd: number, newPath: string, flags: number): void;
  readlinkat(dirfd: number, path: string): string;
  fchmodat(dirfd: number, path: string, mode: number): void;
  /** fchownat(2); `flags` may hold AT_SYMLINK_NOFOLLOW or AT_EMPTY_PATH. */
  fchownat(dirfd: number, path: string, uid: number, gid: number, flags: number): void;
  utimensat(dirfd: number, path: string, atime: TimeSpec, mtime: TimeSpec, flags: number): void;
  lsetxattr(path: string, name: string, value: Uint8Array): void;
  /** The value, or undefined when the attribute (or xattr support) is absent. */
  lgetxattr(path: string, name: string): Uint8Array | undefined;
  /** All names; empty where the file system has no extended attributes. */
  llistxattr(path: string): string[];
  lremovexattr(path: string, name: string): void;
  statfs(path: string): { readonly type: number; readonly blockSize: number; readonly blocks: number; readonly available: number };
  syncfs(fd: number): void;
  fsync(fd: number): void;
  /** faccessat(2) for the effective ids: undefined when it is allowed, else why it is not. `mode` is a set of 4 (read), 2 (write), 1 (execute); 0 asks whether it is there. */
  accessible(path: string, mode: number): SysError | undefined;
  /** The names in an open directory but `.` and `..`, in no order. */
  readDirectory(fd: number): string[];
  umask(mask: number): number;
  /** Classic BSD lock; false when LOCK_NB was asked for and another holder has it. */
  flock(fd: number, operation: number): boolean;
  /**
   * Open-file-description lock over the whole file (F_OFD_SETLK / F_OFD_SETLKW), what containers/storage uses.
   * False when `wait` is false and another holder has it.
   */
  ofdLock(fd: number, kind: "read" | "write" | "unlock", wait: boolean): boolean;
  /** ioctl(FICLONE): false where the file system cannot share extents. */
  reflink(destinationFd: number, sourceFd: number): boolean;
  /** fallocate(2): takes the space for the file's first bytes and makes it as long; false where that is not possible, for want of space too. */
  fallocate(fd: number, bytes: number): boolean;
  memfdCreate(name: string): number;
  pipe2(flags: number): readonly [readEnd: number, writeEnd: number];
  /** Another descriptor of the same open file. */
  dup(fd: number): number;
  dup2(from: number, to: number): void;
  /** fcntl F_GETFD/F_SETFD: whether the descriptor closes on exec. */
  setCloseOnExec(fd: number, on: boolean): void;
  setNonBlocking(fd: number, on: boolean): void;
}

export interface MountSys {
  /** mount(2). A null `type` or `data` is passed as NULL. */
  mount(source: string, target: string, type: string | null, flags: number, data: string | null): void;
  umount2(target: string, flags: number): void;
  /** fsopen + fsconfig + fsmount + move_mount, for option strings that do not fit mount(2)'s page. */
  mountWithOptions(
    type: string,
    target: string,
    options: ReadonlyArray<readonly [key: string, value: string | null]>,
    attributes: number,
  ): void;
  openTree(dirfd: number, path: string, flags: number): number;
  moveMount(fromFd: number, fromPath: string, toFd: number, toPath: string, flags: number): void;
  /** mount_setattr(2); `userNamespaceFd` goes with MOUNT_ATTR_IDMAP in `set`. */
  mountSetattr(
    dirfd: number,
    path: string,
    flags: number,
    attributes: { set?: number; clear?: number; propagation?: number; userNamespaceFd?: number },
  ): void;
  pivotRoot(newRoot: string, putOld: string): void;
  chroot(path: string): void;
}

/** What a project may take, or has taken. As a limit, zero is none. */
export interface ProjectAmounts {
  readonly bytes: number;
  readonly inodes: number;
}

/** Project quotas, as XFS and ext4 have them. `device` is a node of the block device that the file system is on. */
export interface QuotaSys {
  /** The project that a directory belongs to, 0 for none, and whether what is made in it does too. */
  directoryProject(fd: number): { readonly project: number; readonly inherited: boolean };
  setDirectoryProject(fd: number, project: { readonly project: number; readonly inherited: boolean }): void;
  /** Replaces both limits. Throws ENOSYS, ESRCH, EINVAL or ENOTSUP where the file system has no project quotas, EPERM without CAP_SYS_ADMIN. */
  setProjectLimits(device: string, project: number, limits: ProjectAmounts): void;
  projectQuota(device: string, project: number): { readonly limits: ProjectAmounts; readonly used: ProjectAmounts };
}

export interface NamespaceSys {
  /** unshare(2). CLONE_NEWUSER needs a single-threaded process: start with BUN_JSC_useConcurrentJIT=0. Else it affects the calling thread only. */
  unshare(flags: number): void;
  setns(fd: number, type: number): void;
  setresuid(real: number, effective: number, saved: number): void;
  setresgid(real: number, effective: number, saved: number): void;
  setgroups(groups: readonly number[]): void;
  sethostname(name: string): void;
}

export interface InterfaceSys {
  /** Sets IFF_UP on an interface of this thread's network namespace. */
  setInterfaceUp(name: string): void;
  /**
   * A socket bound to a port in this thread's network namespace, which reserves it: listening for tcp and sctp, so that no other can
   * be. `address` is numeric, `::` and version 6 ones bind version 6 only. Throws EADDRINUSE, EACCES, EADDRNOTAVAIL.
   */
  bindPort(protocol: "tcp" | "udp" | "sctp", address: string, port: number): number;
}

export interface SpawnOptions {
  readonly path: string;
  /** All of argv, argv[0] included. */
  readonly argv: readonly string[];
  /** All of the environment, as KEY=value. */
  readonly env: readonly string[];
  /** Pairs (descriptor here, number in the child); all others are closed by close-on-exec. */
  readonly descriptors: ReadonlyArray<readonly [from: number, to: number]>;
  readonly cwd?: string;
  /** Makes the child a session leader (POSIX_SPAWN_SETSID). */
  readonly newSession?: boolean;
  /** Signals that the child starts with blocked, in every thread it will have; none unless told. */
  readonly blockedSignals?: readonly number[];
}

export interface WaitStatus {
  readonly pid: number;
  /** Exit status when it exited, else undefined. */
  readonly exitCode?: number;
  /** Signal number when a signal ended it. */
  readonly signal?: number;
}

export interface ResourceLimit {
  /** Infinity for RLIM_INFINITY. */
  readonly soft: number;
  readonly hard: number;
}

export interface ProcessSys {
  /** posix_spawn(3): the only safe way to make a child without Bun.spawn; signals are defaulted in it, and unblocked unless `blockedSignals` names them. */
  spawn(options: SpawnOptions): number;
  /** Replaces this process. Returns only by throwing. */
  execve(path: string, argv: readonly string[], env: readonly string[]): never;
  /** waitpid(2); undefined when WNOHANG finds nothing. */
  waitpid(pid: number, flags: number): WaitStatus | undefined;
  kill(pid: number, signal: number): void;
  getpid(): number;
  setsid(): number;
  chdir(path: string): void;
  prctl(option: number, arg2: number): number;
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): void;
  getrlimit(resource: number): ResourceLimit;
  /** Throws EPERM when raising a hard limit without CAP_SYS_RESOURCE: callers clamp. */
  setrlimit(resource: number, limit: ResourceLimit): void;
  /** Blocks the signals for the calling thread and returns a signalfd that reads them (non-blocking). */
  signalfd(signals: readonly number[]): number;
  /** One read of a signalfd: the signal number and its sender, or undefined when none waits. */
  readSignal(fd: number): { readonly signal: number; readonly pid: number } | undefined;
  timerfd(): number;
  /** Arms a timerfd, once, in milliseconds from now; 0 disarms. */
  setTimer(fd: number, milliseconds: number): void;
  eventfd(): number;
  inotifyInit(): number;
  inotifyAdd(fd: number, path: string, mask: number): number;
}

/** The time of day where this process runs: what a clock on the wall shows, and how far that is from UTC. */
export interface LocalTime {
  readonly year: number;
  /** 1..12. */
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  /** Seconds east of UTC. */
  readonly offset: number;
}

export interface MemorySys {
  /**
   * Takes the pages of this program's code and constants out of this process; what is needed is back with the next use. For a process that will wait for long: they
   * are the same for all processes of the program, but count in each one that has used them. Does nothing where the kernel will not.
   */
  releaseProgramPages(): void;
}

export interface ClockSys {
  /** clock_gettime(CLOCK_REALTIME). */
  wallClock(): TimeSpec;
  /** localtime_r(3) of seconds since 1970. Unlike `Date` it does not load the runtime's own time zone data, over a megabyte. */
  localTime(seconds: number): LocalTime;
}

export interface PollEntry {
  fd: number;
  /** POLLIN | POLLOUT asked for. */
  events: number;
  /** What poll(2) answered. */
  revents: number;
}

export interface SocketSys {
  /** AF_UNIX socket; `type` is SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM. */
  unixSocket(type: number): number;
  /** Binds to a path of at most 107 bytes (longer: bind below /proc/self/fd/N of an open directory). A leading NUL is the abstract namespace. */
  bind(fd: number, path: string): void;
  listen(fd: number, backlog: number): void;
  /** accept4(2), or undefined when non-blocking and nobody waits. */
  accept(fd: number): number | undefined;
  connect(fd: number, path: string): void;
  /** getpeername(2) of a Unix socket: the name that the other end is bound to, a leading NUL for the abstract namespace; "" when it has none. */
  peerName(fd: number): string;
  shutdown(fd: number, how: number): void;
  /** send(2) with MSG_NOSIGNAL; -1 when it would block, throws otherwise. */
  send(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number): number;
  /** recv(2); -1 when it would block. */
  recv(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number): number;
  /** Sends the payload (one byte unless told) and the descriptors (SCM_RIGHTS). */
  sendDescriptors(fd: number, descriptors: readonly number[], payload?: Uint8Array): void;
  /** Receives one message, as much of it as fits into `payload`; the descriptors that came with it, close-on-exec. */
  receiveDescriptors(fd: number, maximum: number, payload?: Uint8Array): number[];
  /** poll(2): fills `revents`; the number of ready entries, 0 on time-out. `timeoutMs` -1 waits forever; EINTR is retried. */
  poll(entries: PollEntry[], timeoutMs: number): number;
}

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

export interface TerminalSys {
  isTerminal(fd: number): boolean;
  getWindowSize(fd: number): WindowSize;
  setWindowSize(fd: number, size: WindowSize): void;
  /** The raw struct termios, to be given back to {@link setTerminalAttributes} unchanged. */
  getTerminalAttributes(fd: number): Uint8Array;
  setTerminalAttributes(fd: number, attributes: Uint8Array): void;
  /** cfmakeraw(3) on the terminal; returns the attributes it had. */
  makeRaw(fd: number): Uint8Array;
  /** Sets or clears c_oflag bits such as ONLCR. */
  changeOutputFlags(fd: number, set: number, clear: number): void;
  /** posix_openpt + grantpt + unlockpt: the master, and the path of its slave. */
  openPty(): { readonly master: number; readonly slavePath: string };
}
