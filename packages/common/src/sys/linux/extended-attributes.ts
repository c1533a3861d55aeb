import { sysError } from "../errno.ts";
import type { FileSys } from "../sys.ts";
import { check, cstring, errno, lazyLibc } from "./binding.ts";

const libc = lazyLibc({
  lsetxattr: { args: ["ptr", "ptr", "ptr", "u64", "i32"], returns: "i32" },
  lgetxattr: { args: ["ptr", "ptr", "ptr", "u64"], returns: "i64" },
  llistxattr: { args: ["ptr", "ptr", "u64"], returns: "i64" },
  lremovexattr: { args: ["ptr", "ptr"], returns: "i32" },
});

const ERANGE = 34;
const ENODATA = 61;
const EOPNOTSUPP = 95;
/** XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h. */
const LARGEST = 65536;

/** Extended attributes of a path itself, never of what a symlink points at. */
export function extendedAttributeSys(): Pick<FileSys, "lsetxattr" | "lgetxattr" | "llistxattr" | "lremovexattr"> {
  return {
    lsetxattr(path, name, value) {
      const bytes = value.length === 0 ? new Uint8Array(1) : value;
      check(libc().lsetxattr(cstring(path), cstring(name), bytes, value.length, 0), "lsetxattr", `${path} ${name}`);
    },
    lgetxattr(path, name) {
      return readSized((buffer) => libc().lgetxattr(cstring(path), cstring(name), buffer, buffer.length), "lgetxattr", path);
    },
    llistxattr(path) {
      const names = readSized((buffer) => libc().llistxattr(cstring(path), buffer, buffer.length), "llistxattr", path);
      return names === undefined
        ? []
        : Buffer.from(names)
            .toString()
            .split("\0")
            .filter((name) => name !== "");
    },
    lremovexattr: (path, name) => void check(libc().lremovexattr(cstring(path), cstring(name)), "lremovexattr", `${path} ${name}`),
  };
}

/** Most attributes are short: a small buffer first, the largest possible one when that is too small. */
function readSized(call: (buffer: Uint8Array) => number | bigint, syscall: string, path: string): Uint8Array | undefined {
  for (const size of [512, LARGEST]) {
    const buffer = new Uint8Array(size);
    const length = Number(call(buffer));
    if (length >= 0) return buffer.slice(0, length);
    const failure = errno();
    if (failure === ENODATA || failure === EOPNOTSUPP) return undefined;
    if (failure !== ERANGE || size === LARGEST) throw sysError(failure, syscall, path);
  }
  return undefined;
}
