import { sysError } from "../errno.ts";
import type { SpawnOptions } from "../sys.ts";
import { cstring, keepAlive, lazyLibc, signalSet, stringArray } from "./binding.ts";

const POSIX_SPAWN_SETSIGDEF = 0x04;
const POSIX_SPAWN_SETSIGMASK = 0x08;
const POSIX_SPAWN_SETSID = 0x80;
/** glibc's structures are 80 and 336 bytes; these leave room. */
const FILE_ACTIONS_SIZE = 256;
const ATTRIBUTES_SIZE = 1024;

const libc = lazyLibc({
  posix_spawn: { args: ["ptr", "ptr", "ptr", "ptr", "ptr", "ptr"], returns: "i32" },
  posix_spawn_file_actions_init: { args: ["ptr"], returns: "i32" },
  posix_spawn_file_actions_destroy: { args: ["ptr"], returns: "i32" },
  posix_spawn_file_actions_adddup2: { args: ["ptr", "i32", "i32"], returns: "i32" },
  posix_spawn_file_actions_addclose: { args: ["ptr", "i32"], returns: "i32" },
  posix_spawn_file_actions_addchdir_np: { args: ["ptr", "ptr"], returns: "i32" },
  posix_spawnattr_init: { args: ["ptr"], returns: "i32" },
  posix_spawnattr_destroy: { args: ["ptr"], returns: "i32" },
  posix_spawnattr_setflags: { args: ["ptr", "i16"], returns: "i32" },
  posix_spawnattr_setsigmask: { args: ["ptr", "ptr"], returns: "i32" },
  posix_spawnattr_setsigdefault: { args: ["ptr", "ptr"], returns: "i32" },
});

/** posix_spawn(3). These functions return their errno instead of setting it. */
export function spawn(options: SpawnOptions): number {
  const actions = new Uint8Array(FILE_ACTIONS_SIZE);
  const attributes = new Uint8Array(ATTRIBUTES_SIZE);
  libc().posix_spawn_file_actions_init(actions);
  libc().posix_spawnattr_init(attributes);
  try {
    addDescriptors(actions, options.descriptors);
    if (options.cwd !== undefined) {
      expectZero(libc().posix_spawn_file_actions_addchdir_np(actions, cstring(options.cwd)), "posix_spawn chdir", options.cwd);
    }
    setAttributes(attributes, options);
    return start(options, actions, attributes);
  } finally {
    libc().posix_spawn_file_actions_destroy(actions);
    libc().posix_spawnattr_destroy(attributes);
  }
}

function start(options: SpawnOptions, actions: Uint8Array, attributes: Uint8Array): number {
  const pid = new Int32Array(1);
  const argv = stringArray(options.argv);
  const env = stringArray(options.env);
  const failure = libc().posix_spawn(pid, cstring(options.path), actions, attributes, argv.pointers, env.pointers);
  keepAlive(argv, env);
  expectZero(failure, "posix_spawn", options.path);
  return pid[0] ?? -1;
}

/**
 * A plain sequence of dup2 would overwrite a source that is also somebody's target. Then every source first
 * moves above all numbers in use. dup2 of a number to itself clears close-on-exec, which is what is wanted.
 */
function addDescriptors(actions: Uint8Array, pairs: SpawnOptions["descriptors"]): void {
  const targets = new Set(pairs.map(([, to]) => to));
  const clash = pairs.some(([from, to]) => from !== to && targets.has(from));
  const shift = clash ? Math.max(...pairs.flat()) + 1 : 0;
  const dup = (from: number, to: number) =>
    expectZero(libc().posix_spawn_file_actions_adddup2(actions, from, to), "posix_spawn dup2", `fd ${from}`);
  if (!clash) {
    for (const [from, to] of pairs) dup(from, to);
    return;
  }
  for (const [index, [from]] of pairs.entries()) dup(from, shift + index);
  for (const [index, [, to]] of pairs.entries()) {
    dup(shift + index, to);
    libc().posix_spawn_file_actions_addclose(actions, shift + index);
  }
}

/** No signal ignored, and none blocked but those asked for: the runtime ignores SIGPIPE, and a monitor blocks what it reads from a signalfd. */
function setAttributes(attributes: Uint8Array, options: SpawnOptions): void {
  const all = signalSet([]).fill(0xff);
  libc().posix_spawnattr_setsigmask(attributes, signalSet(options.blockedSignals ?? []));
  libc().posix_spawnattr_setsigdefault(attributes, all);
  const session = options.newSession === true ? POSIX_SPAWN_SETSID : 0;
  libc().posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | session);
}

function expectZero(failure: number, syscall: string, path: string): void {
  if (failure !== 0) throw sysError(failure, syscall, path);
}
