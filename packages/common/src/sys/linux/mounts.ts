import { AT_FDCWD, MOVE_MOUNT_F_EMPTY_PATH } from "../constants.ts";
import type { MountSys } from "../sys.ts";
import { SysError } from "../sys-error.ts";
import { check, cstring, lazyLibc } from "./binding.ts";

const SYS_OPEN_TREE = 428;
const SYS_MOVE_MOUNT = 429;
const SYS_FSOPEN = 430;
const SYS_FSCONFIG = 431;
const SYS_FSMOUNT = 432;
const SYS_MOUNT_SETATTR = 442;
const SYS_PIVOT_ROOT = process.arch === "arm64" ? 41 : 155;
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;

const libc = lazyLibc({
  mount: { args: ["ptr", "ptr", "ptr", "u64", "ptr"], returns: "i32" },
  umount2: { args: ["ptr", "i32"], returns: "i32" },
  chroot: { args: ["ptr"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  read: { args: ["i32", "ptr", "u64"], returns: "i64" },
});
/** syscall(2) with (number, string, number) and the like: one binding for each pattern of pointers. */
const pathCall = lazyLibc({ syscall: { args: ["i64", "ptr", "i64", "i64"], returns: "i64" } });
const twoPaths = lazyLibc({ syscall: { args: ["i64", "ptr", "ptr"], returns: "i64" } });
const atCall = lazyLibc({ syscall: { args: ["i64", "i64", "ptr", "i64", "ptr", "i64"], returns: "i64" } });
const configCall = lazyLibc({ syscall: { args: ["i64", "i64", "i64", "ptr", "ptr", "i64"], returns: "i64" } });
const plainCall = lazyLibc({ syscall: { args: ["i64", "i64", "i64", "i64"], returns: "i64" } });

/** Mounts, by the old interface and by the one of descriptors. */
export function mountSys(): MountSys {
  return {
    mount(source, target, type, flags, data) {
      const result = libc().mount(cstring(source), cstring(target), optional(type), flags, optional(data));
      check(result, "mount", target);
    },
    umount2: (target, flags) => void check(libc().umount2(cstring(target), flags), "umount2", target),
    mountWithOptions,
    openTree(dirfd, path, flags) {
      return check(atCall().syscall(SYS_OPEN_TREE, dirfd, cstring(path), flags | OPEN_TREE_CLOEXEC, null, 0), "open_tree", path);
    },
    moveMount,
    mountSetattr(dirfd, path, flags, attributes) {
      const record = BigUint64Array.of(
        BigInt(attributes.set ?? 0),
        BigInt(attributes.clear ?? 0),
        BigInt(attributes.propagation ?? 0),
        BigInt(attributes.userNamespaceFd ?? 0),
      );
      check(atCall().syscall(SYS_MOUNT_SETATTR, dirfd, cstring(path), flags, record, record.byteLength), "mount_setattr", path);
    },
    pivotRoot: (newRoot, putOld) =>
      void check(twoPaths().syscall(SYS_PIVOT_ROOT, cstring(newRoot), cstring(putOld)), "pivot_root", newRoot),
    chroot: (path) => void check(libc().chroot(cstring(path)), "chroot", path),
  };
}

function optional(text: string | null): Uint8Array | null {
  return text === null ? null : cstring(text);
}

function moveMount(fromFd: number, fromPath: string, toFd: number, toPath: string, flags: number): void {
  // five arguments with the second path in fourth place: the same pattern as atCall
  check(atCall().syscall(SYS_MOVE_MOUNT, fromFd, cstring(fromPath), toFd, cstring(toPath), flags), "move_mount", toPath);
}

function mountWithOptions(
  type: string,
  target: string,
  options: ReadonlyArray<readonly [key: string, value: string | null]>,
  attributes: number,
): void {
  const context = check(pathCall().syscall(SYS_FSOPEN, cstring(type), FSOPEN_CLOEXEC, 0), "fsopen", type);
  try {
    for (const [key, value] of options) {
      const command = value === null ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
      configure(context, command, cstring(key), optional(value), `${target} ${key}=${value ?? ""}`);
    }
    configure(context, FSCONFIG_CMD_CREATE, null, null, target);
    const mount = check(plainCall().syscall(SYS_FSMOUNT, context, FSMOUNT_CLOEXEC, attributes), "fsmount", target);
    try {
      moveMount(mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
    } finally {
      libc().close(mount);
    }
  } finally {
    libc().close(context);
  }
}

function configure(context: number, command: number, key: Uint8Array | null, value: Uint8Array | null, about: string): void {
  const result = configCall().syscall(SYS_FSCONFIG, context, command, key, value, 0);
  try {
    check(result, "fsconfig", about);
  } catch (error) {
    throw withKernelMessage(context, error);
  }
}

/** A file system context keeps its own words on what it did not like ("e overlay: …"); they say more than EINVAL. */
function withKernelMessage(context: number, error: unknown): unknown {
  if (!(error instanceof SysError)) return error;
  const message = Buffer.alloc(1024);
  const length = Number(libc().read(context, message, message.length));
  if (length <= 2) return error;
  const said = message.toString("utf8", 2, length).trim();
  return new SysError({ errno: error.errno, code: error.code, text: said, syscall: error.syscall, path: error.path });
}
