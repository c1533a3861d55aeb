import type { NamespaceSys } from "../sys.ts";
import { check, lazyLibc } from "./binding.ts";

const libc = lazyLibc({
  unshare: { args: ["i32"], returns: "i32" },
  setns: { args: ["i32", "i32"], returns: "i32" },
  setresuid: { args: ["u32", "u32", "u32"], returns: "i32" },
  setresgid: { args: ["u32", "u32", "u32"], returns: "i32" },
  setgroups: { args: ["u64", "ptr"], returns: "i32" },
  sethostname: { args: ["ptr", "u64"], returns: "i32" },
});

/** Namespaces and the identity of the process. The id calls go through glibc, which changes every thread. */
export function namespaceSys(): NamespaceSys {
  return {
    unshare: (flags) => void check(libc().unshare(flags), "unshare", `0x${flags.toString(16)}`),
    setns: (fd, type) => void check(libc().setns(fd, type), "setns", `fd ${fd}`),
    setresuid: (real, effective, saved) => void check(libc().setresuid(real, effective, saved), "setresuid", String(effective)),
    setresgid: (real, effective, saved) => void check(libc().setresgid(real, effective, saved), "setresgid", String(effective)),
    setgroups(groups) {
      const ids = groups.length === 0 ? null : Uint32Array.from(groups);
      check(libc().setgroups(groups.length, ids), "setgroups");
    },
    sethostname(name) {
      const bytes = Buffer.from(`${name}\0`);
      check(libc().sethostname(bytes, bytes.length - 1), "sethostname", name);
    },
  };
}
