import type { Sys } from "./sys.ts";

/** One call that a {@link recordingSys} saw. */
export interface RecordedCall {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Calls whose answer is a new descriptor: each gets its own number, from 100 up. */
const OPENERS: ReadonlySet<string> = new Set([
  "openat2",
  "memfdCreate",
  "dup",
  "openTree",
  "pidfdOpen",
  "signalfd",
  "timerfd",
  "eventfd",
  "inotifyInit",
  "unixSocket",
]);

/** What the other calls answer when a test does not say: success, and nothing there. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  read: 0,
  fstatat: { dev: 1, ino: 1, mode: 0o100644, nlink: 1, uid: 0, gid: 0, rdev: 0, size: 0, mtimeSec: 0, mtimeNsec: 0 },
  readlinkat: "",
  llistxattr: [],
  statfs: { type: 0, blockSize: 4096, blocks: 0, available: 0 },
  umask: 0o022,
  flock: true,
  ofdLock: true,
  reflink: false,
  fallocate: false,
  spawn: 1000,
  getpid: 1,
  setsid: 1,
  prctl: 0,
  getrlimit: { soft: 1024, hard: 4096 },
  inotifyAdd: 1,
  wallClock: { sec: 0, nsec: 0 },
  localTime: { year: 1970, month: 1, day: 1, hours: 0, minutes: 0, seconds: 0, offset: 0 },
  recv: 0,
  peerName: "",
  receiveDescriptors: [],
  poll: 0,
  isTerminal: false,
  getWindowSize: { rows: 24, columns: 80 },
  getTerminalAttributes: new Uint8Array(60),
  makeRaw: new Uint8Array(60),
};

/**
 * A kernel for tests: it does nothing, remembers every call in order, and answers as a call that succeeded would.
 * `overrides` replace single calls; those are recorded too.
 */
export function recordingSys(overrides: Partial<Sys> = {}): Sys & { readonly calls: RecordedCall[] } {
  const calls: RecordedCall[] = [];
  const next = { descriptor: 100 };
  const handler: ProxyHandler<object> = {
    get(_target, property) {
      if (property === "calls") return calls;
      if (typeof property !== "string" || property === "then") return undefined;
      return (...args: unknown[]) => {
        calls.push({ name: property, args });
        const override: unknown = Reflect.get(overrides, property);
        return typeof override === "function" ? Reflect.apply(override, overrides, args) : answer(property, args, next);
      };
    },
  };
  return new Proxy({}, handler) as Sys & { readonly calls: RecordedCall[] };
}

function answer(name: string, args: readonly unknown[], next: { descriptor: number }): unknown {
  if (OPENERS.has(name)) return next.descriptor++;
  if (name === "pipe2") return [next.descriptor++, next.descriptor++];
  if (name === "openPty") return { master: next.descriptor++, slavePath: "/dev/pts/0" };
  // a write and a send take everything they are given
  if (name === "write" || name === "send") return args[3];
  return ANSWERS[name];
}
