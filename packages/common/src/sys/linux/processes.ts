import { sysError } from "../errno.ts";
import type { ProcessSys, ResourceLimit, WaitStatus } from "../sys.ts";
import { check, cstring, EAGAIN, EINTR, errno, keepAlive, lazyLibc, retry, signalSet, stringArray } from "./binding.ts";
import { spawn } from "./spawn.ts";

const SYS_PIDFD_SEND_SIGNAL = 424;
const SYS_PIDFD_OPEN = 434;
const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;
const CLOCK_MONOTONIC = 1;
const SIG_BLOCK = 0;
const SIGNALFD_SIGINFO_SIZE = 128;
const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;

const libc = lazyLibc({
  execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
  waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
  kill: { args: ["i32", "i32"], returns: "i32" },
  setsid: { args: [], returns: "i32" },
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
  syscall: { args: ["i64", "i64", "i64", "i64", "i64"], returns: "i64" },
  getrlimit: { args: ["i32", "ptr"], returns: "i32" },
  setrlimit: { args: ["i32", "ptr"], returns: "i32" },
});
const eventLibc = lazyLibc({
  read: { args: ["i32", "ptr", "u64"], returns: "i64" },
  pthread_sigmask: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  signalfd: { args: ["i32", "ptr", "i32"], returns: "i32" },
  timerfd_create: { args: ["i32", "i32"], returns: "i32" },
  timerfd_settime: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
  eventfd: { args: ["u32", "i32"], returns: "i32" },
  inotify_init1: { args: ["i32"], returns: "i32" },
  inotify_add_watch: { args: ["i32", "ptr", "u32"], returns: "i32" },
});

/** Children, signals, limits, and the descriptors that turn signals, time and file events into something poll(2) sees. */
export function processSys(): ProcessSys {
  return { spawn, ...controlCalls(), ...limitCalls(), ...eventCalls() };
}

function controlCalls() {
  return {
    execve,
    waitpid,
    kill: (pid: number, signal: number) => void check(libc().kill(pid, signal), "kill", `pid ${pid}`),
    getpid: () => process.pid,
    setsid: () => check(libc().setsid(), "setsid"),
    chdir,
    prctl: (option: number, arg2: number) => check(libc().prctl(option, arg2, 0, 0, 0), "prctl", String(option)),
    pidfdOpen: (pid: number) => check(libc().syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0), "pidfd_open", `pid ${pid}`),
    pidfdSendSignal: (pidfd: number, signal: number) =>
      void check(libc().syscall(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0), "pidfd_send_signal", `pidfd ${pidfd}`),
  };
}

function limitCalls() {
  return {
    getrlimit(resource: number): ResourceLimit {
      const pair = new BigUint64Array(2);
      check(libc().getrlimit(resource, pair), "getrlimit", String(resource));
      return { soft: limitNumber(pair[0] ?? 0n), hard: limitNumber(pair[1] ?? 0n) };
    },
    setrlimit(resource: number, limit: ResourceLimit) {
      const pair = BigUint64Array.of(limitBits(limit.soft), limitBits(limit.hard));
      check(libc().setrlimit(resource, pair), "setrlimit", String(resource));
    },
  };
}

function eventCalls() {
  return {
    signalfd(signals: readonly number[]) {
      const set = signalSet(signals);
      const failure = eventLibc().pthread_sigmask(SIG_BLOCK, set, null);
      if (failure !== 0) throw sysError(failure, "pthread_sigmask");
      return check(eventLibc().signalfd(-1, set, CLOEXEC | NONBLOCK), "signalfd");
    },
    readSignal(fd: number) {
      const info = Buffer.alloc(SIGNALFD_SIGINFO_SIZE);
      const length = Number(eventLibc().read(fd, info, info.length));
      if (length === SIGNALFD_SIGINFO_SIZE) return { signal: info.readUInt32LE(0), pid: info.readUInt32LE(12) };
      const failure = errno();
      if (failure === EAGAIN || failure === EINTR) return undefined;
      throw sysError(failure, "read", `signalfd ${fd}`);
    },
    timerfd: () => check(eventLibc().timerfd_create(CLOCK_MONOTONIC, CLOEXEC | NONBLOCK), "timerfd_create"),
    setTimer(fd: number, milliseconds: number) {
      const whole = Math.floor(milliseconds / 1000);
      const rest = Math.round((milliseconds - whole * 1000) * 1e6);
      const once = BigInt64Array.of(0n, 0n, BigInt(whole), BigInt(rest));
      check(eventLibc().timerfd_settime(fd, 0, once, null), "timerfd_settime", `fd ${fd}`);
    },
    eventfd: () => check(eventLibc().eventfd(0, CLOEXEC | NONBLOCK), "eventfd"),
    inotifyInit: () => check(eventLibc().inotify_init1(CLOEXEC | NONBLOCK), "inotify_init1"),
    inotifyAdd: (fd: number, path: string, mask: number) =>
      check(eventLibc().inotify_add_watch(fd, cstring(path), mask), "inotify_add_watch", path),
  };
}

function execve(path: string, argv: readonly string[], env: readonly string[]): never {
  const arguments_ = stringArray(argv);
  const environment = stringArray(env);
  libc().execve(cstring(path), arguments_.pointers, environment.pointers);
  const failure = errno();
  keepAlive(arguments_, environment);
  throw sysError(failure, "execve", path);
}

function waitpid(pid: number, flags: number): WaitStatus | undefined {
  const status = new Int32Array(1);
  const found = retry(() => libc().waitpid(pid, status, flags), "waitpid", `pid ${pid}`);
  if (found === 0) return undefined;
  const word = status[0] ?? 0;
  const signal = word & 0x7f;
  return signal === 0 ? { pid: found, exitCode: (word >> 8) & 0xff } : { pid: found, signal };
}

/** Through Node's own call, so that `process.cwd()` knows. */
function chdir(path: string): void {
  try {
    process.chdir(path);
  } catch (error) {
    const number = error instanceof Error && "errno" in error && typeof error.errno === "number" ? Math.abs(error.errno) : 22;
    throw sysError(number, "chdir", path);
  }
}

function limitNumber(bits: bigint): number {
  return bits === RLIM_INFINITY ? Number.POSITIVE_INFINITY : Number(bits);
}

function limitBits(value: number): bigint {
  return value === Number.POSITIVE_INFINITY ? RLIM_INFINITY : BigInt(value);
}
