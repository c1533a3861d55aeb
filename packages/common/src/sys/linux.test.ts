import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  LOCK_EX,
  LOCK_NB,
  O_CREAT,
  O_DIRECTORY,
  O_RDONLY,
  O_RDWR,
  POLLHUP,
  POLLIN,
  RESOLVE_IN_ROOT,
  RLIMIT_NOFILE,
  S_IFLNK,
  S_IFMT,
  SIGUSR2,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  WNOHANG,
} from "./constants.ts";
import { linuxSys } from "./linux.ts";
import { errnoCode, SysError } from "./sys-error.ts";

const sys = linuxSys();
let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sys-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));
const root = process.getuid?.() === 0;

describe("files", () => {
  it("opens below a root without following an absolute link out of it", () => {
    writeFileSync(join(dir, "inside"), "inside");
    symlinkSync("/inside", join(dir, "link"));
    symlinkSync("../../../../etc/passwd", join(dir, "escape"));
    const rootFd = sys.openat2(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0, 0);
    const fd = sys.openat2(rootFd, "link", O_RDONLY, 0, RESOLVE_IN_ROOT);
    const buffer = new Uint8Array(16);
    expect(sys.read(fd, buffer, 2, 10)).toBe(6);
    expect(Buffer.from(buffer.subarray(2, 8)).toString()).toBe("inside");
    expect(() => sys.openat2(rootFd, "escape", O_RDONLY, 0, RESOLVE_IN_ROOT)).toThrow("openat2 escape: no such file");
    sys.close(fd);
    sys.close(rootFd);
  });

  it("reports errno, name, call and path", () => {
    const failure = thrownBy(() => sys.mkdirat(AT_FDCWD, join(dir, "a/b"), 0o755));
    expect(failure).toBeInstanceOf(SysError);
    expect(failure).toMatchObject({ errno: 2, code: "ENOENT", syscall: "mkdirat", path: join(dir, "a/b") });
    expect(errnoCode(thrownBy(() => sys.close(9999)))).toBe("EBADF");
    expect(() => sys.unlinkat(AT_FDCWD, "a\0b", 0)).toThrow("invalid argument");
  });

  it("stats like Node does", () => {
    const path = join(dir, "file");
    writeFileSync(path, "12345", { mode: 0o640 });
    sys.utimensat(AT_FDCWD, path, { sec: 5, nsec: 6 }, { sec: 1_000_000_007, nsec: 123_456_789 }, 0);
    const node = statSync(path);
    const stat = sys.fstatat(AT_FDCWD, path, 0);
    expect(stat).toMatchObject({ size: 5, ino: node.ino, dev: node.dev, mode: node.mode, uid: node.uid, nlink: 1 });
    expect([stat.mtimeSec, stat.mtimeNsec]).toEqual([1_000_000_007, 123_456_789]);
    const device = sys.fstatat(AT_FDCWD, "/dev/null", 0);
    expect(device.rdev).toBe(statSync("/dev/null").rdev);
  });

  it("makes links, renames and reads links", () => {
    sys.symlinkat("some/where", AT_FDCWD, join(dir, "link"));
    expect(sys.readlinkat(AT_FDCWD, join(dir, "link"))).toBe("some/where");
    expect(sys.fstatat(AT_FDCWD, join(dir, "link"), AT_SYMLINK_NOFOLLOW).mode & S_IFMT).toBe(S_IFLNK);
    sys.renameat2(AT_FDCWD, join(dir, "link"), AT_FDCWD, join(dir, "moved"), 0);
    sys.mkfifoat(AT_FDCWD, join(dir, "fifo"), 0o600);
    sys.linkat(AT_FDCWD, join(dir, "fifo"), AT_FDCWD, join(dir, "fifo2"), 0);
    expect(sys.fstatat(AT_FDCWD, join(dir, "fifo2"), 0).nlink).toBe(2);
  });

  it("keeps extended attributes, the empty value included", () => {
    const path = join(dir, "attributed");
    writeFileSync(path, "");
    expect(sys.lgetxattr(path, "user.none")).toBeUndefined();
    try {
      sys.lsetxattr(path, "user.long", new Uint8Array(2000).fill(7));
    } catch (error) {
      if (errnoCode(error) === "EOPNOTSUPP") return;
      throw error;
    }
    sys.lsetxattr(path, "user.empty", new Uint8Array(0));
    expect(sys.lgetxattr(path, "user.long")?.length).toBe(2000);
    expect(sys.lgetxattr(path, "user.empty")?.length).toBe(0);
    expect(sys.llistxattr(path).sort()).toEqual(["user.empty", "user.long"]);
    sys.lremovexattr(path, "user.long");
    expect(sys.llistxattr(path)).toEqual(["user.empty"]);
  });

  it("locks an open file description against another one", () => {
    const path = join(dir, "lock");
    const [first, second] = [1, 2].map(() => sys.openat2(AT_FDCWD, path, O_RDWR | O_CREAT, 0o600, 0));
    if (first === undefined || second === undefined) throw new Error("unreachable");
    expect(sys.ofdLock(first, "write", false)).toBe(true);
    expect(sys.ofdLock(second, "read", false)).toBe(false);
    expect(sys.ofdLock(first, "unlock", false)).toBe(true);
    expect(sys.ofdLock(second, "read", false)).toBe(true);
    expect(sys.ofdLock(first, "read", true)).toBe(true);
    expect(sys.flock(first, LOCK_EX | LOCK_NB)).toBe(true);
    expect(sys.flock(second, LOCK_EX | LOCK_NB)).toBe(false);
    sys.close(first);
    sys.close(second);
  });
});

describe("processes", () => {
  it("spawns with crossed descriptors, a directory and an environment", () => {
    const [readEnd, writeEnd] = sys.pipe2(0);
    const [otherRead, otherWrite] = sys.pipe2(0);
    const script = "pwd; echo $WORD; echo error >&2";
    // the two write ends trade places with the numbers 1 and 2, and the first one's own number is a target too
    const pid = sys.spawn({
      path: "/bin/sh",
      argv: ["sh", "-c", script],
      env: ["WORD=good day", "PATH=/bin:/usr/bin"],
      descriptors: [
        [writeEnd, 1],
        [otherWrite, 2],
        [otherRead, writeEnd],
      ],
      cwd: "/usr",
      newSession: true,
    });
    sys.close(writeEnd);
    sys.close(otherWrite);
    expect(sys.waitpid(pid, 0)).toEqual({ pid, exitCode: 0 });
    expect(readAll(readEnd)).toBe("/usr\ngood day\n");
    expect(readAll(otherRead)).toBe("error\n");
    sys.close(readEnd);
    sys.close(otherRead);
  });

  it("tells exit codes from signals, and a missing program from both", () => {
    const spawn = (script: string) => sys.spawn({ path: "/bin/sh", argv: ["sh", "-c", script], env: [], descriptors: [] });
    expect(sys.waitpid(spawn("exit 7"), 0)).toMatchObject({ exitCode: 7 });
    expect(sys.waitpid(spawn("kill -9 $$"), 0)).toMatchObject({ signal: 9 });
    expect(() => sys.spawn({ path: "/nope", argv: ["x"], env: [], descriptors: [] })).toThrow("posix_spawn /nope: no such file");
  });

  it("sees an exit through a pidfd", () => {
    const pid = sys.spawn({ path: "/bin/sleep", argv: ["sleep", "30"], env: [], descriptors: [] });
    const pidfd = sys.pidfdOpen(pid);
    const entries = [{ fd: pidfd, events: POLLIN, revents: 0 }];
    expect(sys.waitpid(pid, WNOHANG)).toBeUndefined();
    expect(sys.poll(entries, 0)).toBe(0);
    sys.pidfdSendSignal(pidfd, 15);
    expect(sys.poll(entries, 5000)).toBe(1);
    expect(sys.waitpid(pid, 0)).toMatchObject({ signal: 15 });
    sys.close(pidfd);
  });

  it("turns time and signals into readable descriptors", () => {
    const timer = sys.timerfd();
    sys.setTimer(timer, 1500);
    sys.setTimer(timer, 20);
    const signals = sys.signalfd([SIGUSR2]);
    const entries = [timer, signals].map((fd) => ({ fd, events: POLLIN, revents: 0 }));
    expect(sys.poll(entries, 0)).toBe(0);
    expect(sys.poll(entries, 2000)).toBe(1);
    expect(entries[0]?.revents).toBe(POLLIN);
    expect(sys.readSignal(signals)).toBeUndefined();
    sys.close(timer);
    sys.close(signals);
  });

  it("reads limits", () => {
    const limit = sys.getrlimit(RLIMIT_NOFILE);
    expect(limit.soft).toBeGreaterThan(0);
    expect(limit.hard).toBeGreaterThanOrEqual(limit.soft);
    sys.setrlimit(RLIMIT_NOFILE, limit);
  });
});

describe("clock", () => {
  it("agrees with Date", () => {
    const now = sys.wallClock();
    expect(Math.abs(now.sec * 1000 + now.nsec / 1e6 - Date.now())).toBeLessThan(100);
    const date = new Date(1_700_000_000_000);
    const local = sys.localTime(1_700_000_000);
    expect([local.year, local.month, local.day]).toEqual([date.getFullYear(), date.getMonth() + 1, date.getDate()]);
    expect([local.hours, local.minutes, local.seconds]).toEqual([date.getHours(), date.getMinutes(), date.getSeconds()]);
    expect(local.offset).toBe(-date.getTimezoneOffset() * 60 + 0);
  });
});

describe("sockets", () => {
  it("passes packets and descriptors", () => {
    const path = join(dir, "socket");
    const server = sys.unixSocket(SOCK_SEQPACKET);
    sys.bind(server, path);
    sys.listen(server, 4);
    const client = sys.unixSocket(SOCK_SEQPACKET);
    sys.connect(client, path);
    const peer = sys.accept(server) ?? -1;
    sys.send(client, Buffer.from("xhello"), 1, 5, 0);
    const buffer = new Uint8Array(64);
    expect(sys.recv(peer, buffer, 3, 61, 0)).toBe(5);
    expect(Buffer.from(buffer.subarray(3, 8)).toString()).toBe("hello");
    expect(sys.recv(peer, buffer, 0, 64, 0x40)).toBe(-1);
    const [readEnd, writeEnd] = sys.pipe2(0);
    sys.sendDescriptors(peer, [writeEnd, readEnd]);
    const received = sys.receiveDescriptors(client, 2);
    expect(received).toHaveLength(2);
    sys.close(peer);
    const entries = [{ fd: client, events: POLLIN, revents: 0 }];
    expect(sys.poll(entries, 1000)).toBe(1);
    expect((entries[0]?.revents ?? 0) & POLLHUP).toBe(POLLHUP);
    for (const fd of [server, client, readEnd, writeEnd, ...received]) sys.close(fd);
  });

  it("refuses a path that does not fit", () => {
    const socket = sys.unixSocket(SOCK_STREAM);
    expect(() => sys.bind(socket, `/${"x".repeat(108)}`)).toThrow("file name too long");
    sys.bind(socket, `\0sys-test-${process.pid}`);
    sys.close(socket);
  });
});

describe("terminals", () => {
  it("sets sizes and flags on a pseudo-terminal", () => {
    const { master, slavePath } = sys.openPty();
    expect(slavePath).toMatch(/^\/dev\/pts\/\d+$/);
    sys.setWindowSize(master, { rows: 31, columns: 99 });
    expect(sys.getWindowSize(master)).toEqual({ rows: 31, columns: 99 });
    expect(sys.isTerminal(master)).toBe(true);
    const before = sys.makeRaw(master);
    sys.changeOutputFlags(master, 5, 0);
    sys.setTerminalAttributes(master, before);
    expect(Buffer.compare(sys.getTerminalAttributes(master), before)).toBe(0);
    sys.close(master);
  });
});

describe.skipIf(!root)("mounts (root only)", () => {
  it("mounts by both interfaces and reports the kernel's reason", () => {
    sys.mount("tmpfs", dir, "tmpfs", 0, "size=64k");
    sys.mkdirat(AT_FDCWD, join(dir, "inner"), 0o755);
    sys.mountWithOptions(
      "tmpfs",
      join(dir, "inner"),
      [
        ["size", "32k"],
        ["mode", "700"],
      ],
      0,
    );
    expect(readFileSync("/proc/self/mountinfo", "utf8")).toContain(`${dir}/inner `);
    expect(sys.statfs(join(dir, "inner")).blocks).toBe(8);
    expect(() => sys.mountWithOptions("tmpfs", dir, [["nonsense", "1"]], 0)).toThrow(/nonsense/);
    sys.umount2(join(dir, "inner"), 0);
    sys.mknodat(AT_FDCWD, join(dir, "null"), 0o020666, 0x103);
    expect(sys.fstatat(AT_FDCWD, join(dir, "null"), 0).rdev).toBe(0x103);
    sys.umount2(dir, 0);
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function readAll(fd: number): string {
  const buffer = new Uint8Array(4096);
  return Buffer.from(buffer.subarray(0, sys.read(fd, buffer, 0, buffer.length))).toString();
}
