import { readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { ALL_CAPABILITIES } from "@containers/common/security/capabilities";
import type { RuntimeSpec, SpecMount } from "@containers/common/spec-builder/runtime-spec";
import { RESOURCES } from "@containers/common/spec-builder/ulimits";
import {
  AT_FDCWD,
  CLONE_NEWNS,
  CLONE_NEWUTS,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  MS_SLAVE,
  O_CLOEXEC,
  O_DIRECTORY,
  O_PATH,
  PR_CAPBSET_DROP,
  PR_SET_NO_NEW_PRIVS,
  RESOLVE_IN_ROOT,
} from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/** Becomes the command of a bundle, in its root, with mounts of its own. Only returns when that fails. */
export function enterChroot(sys: Sys, [bundle = ""]: readonly string[]): number {
  try {
    // It was written by this very program.
    const spec = JSON.parse(readFileSync(join(bundle, "config.json"), "utf8")) as RuntimeSpec;
    sys.unshare(CLONE_NEWNS | CLONE_NEWUTS);
    sys.mount("", "/", null, MS_REC | MS_SLAVE, null);
    mountAll(sys, spec);
    if (spec.hostname !== undefined) sys.sethostname(spec.hostname);
    for (const { type, soft, hard } of spec.process.rlimits ?? []) setLimit(sys, type, { soft, hard });
    sys.chroot(spec.root.path);
    enterDirectory(sys, spec.process.cwd);
    becomeUser(sys, spec.process);
    const [name = ""] = spec.process.args;
    const path = findExecutable(name, searchPath(spec.process.env ?? []));
    if (path === undefined) throw new ToolError("not-found", `exec: ${JSON.stringify(name)}: executable file not found in $PATH`);
    return sys.execve(path, spec.process.args, spec.process.env ?? []);
  } catch (error) {
    writeSync(2, `${describeError(error)}\n`);
    return 1;
  }
}

/** This machine's /proc, /sys and /dev, then what the command asked for. */
function mountAll(sys: Sys, spec: RuntimeSpec): void {
  const root = sys.openat2(AT_FDCWD, spec.root.path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
  try {
    for (const path of ["/proc", "/sys", "/dev"])
      mountOne(sys, root, { destination: path, type: "bind", source: path, options: ["rbind"] });
    const own = (spec.mounts ?? []).filter(
      (mount) => (mount.type === "bind" || mount.type === "tmpfs") && !/^\/(proc|sys|dev)(\/|$)/.test(mount.destination),
    );
    for (const mount of own) mountOne(sys, root, mount);
  } finally {
    sys.close(root);
  }
}

const FLAGS: Readonly<Record<string, number>> = { ro: MS_RDONLY, nosuid: MS_NOSUID, nodev: MS_NODEV, noexec: MS_NOEXEC };

function mountOne(sys: Sys, root: number, mount: SpecMount): void {
  const options = mount.options ?? [];
  const flags = options.reduce((sum, option) => sum | (FLAGS[option] ?? 0), 0);
  // No link of the container's own may lead the mount out of its root.
  const open = (): number => sys.openat2(root, mount.destination, O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT);
  const fd = open();
  try {
    if (mount.type === "tmpfs") {
      const data = options.filter((option) => /^(size|mode|nr_inodes)=/.test(option)).join(",");
      sys.mount("tmpfs", `/proc/self/fd/${fd}`, "tmpfs", flags, data === "" ? null : data);
      return;
    }
    sys.mount(mount.source ?? "", `/proc/self/fd/${fd}`, null, MS_BIND | (options.includes("bind") ? 0 : MS_REC), null);
  } finally {
    sys.close(fd);
  }
  if (flags === 0) return;
  const mounted = open();
  try {
    sys.mount("", `/proc/self/fd/${mounted}`, null, MS_BIND | MS_REMOUNT | flags, null);
  } finally {
    sys.close(mounted);
  }
}

function setLimit(sys: Sys, type: string, limit: { readonly soft: number; readonly hard: number }): void {
  const resource = RESOURCES[type.replace(/^RLIMIT_/, "").toLowerCase()];
  if (resource === undefined) return;
  try {
    sys.setrlimit(resource, limit);
  } catch {
    // A limit above what this process may have stays as it is.
  }
}

function enterDirectory(sys: Sys, path: string): void {
  try {
    sys.chdir(path);
  } catch {
    sys.chdir("/");
  }
}

function becomeUser(sys: Sys, process: RuntimeSpec["process"]): void {
  const { uid, gid, additionalGids = [] } = process.user;
  const kept = process.capabilities?.bounding ?? [];
  // Root loses with the bounding set what it must not have; any other user has nothing to begin with.
  ALL_CAPABILITIES.forEach((name, number) => {
    if (!kept.includes(name)) dropCapability(sys, number);
  });
  sys.setgroups([...additionalGids]);
  sys.setresgid(gid, gid, gid);
  sys.setresuid(uid, uid, uid);
  if (process.noNewPrivileges === true) sys.prctl(PR_SET_NO_NEW_PRIVS, 1);
}

function dropCapability(sys: Sys, number: number): void {
  try {
    sys.prctl(PR_CAPBSET_DROP, number);
  } catch {
    // The kernel does not know it, or it is gone already.
  }
}

function searchPath(env: readonly string[]): string[] {
  const path = env.findLast((entry) => entry.startsWith("PATH="))?.slice("PATH=".length);
  return (path ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin").split(":").filter((part) => part !== "");
}
