import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { MNT_DETACH, MS_BIND, MS_NOATIME, MS_PRIVATE } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { escapeLower, escapeValue, splitMountOptions } from "./mount-options.ts";

/** mount(2) takes options up to a page, the terminating NUL included. */
const PAGE_SIZE = 4096;
/** MS_RDONLY, MS_NOSUID, MS_NODEV and MS_NOEXEC have the same bits as mount attributes. */
const SAME_ATTRIBUTES = 0xf;
const MOUNT_ATTR_NOATIME = 0x10;

export interface OverlayMount {
  readonly target: string;
  /** Absolute paths, nearest first; for a read-only mount the layer itself is the first. */
  readonly lower: readonly string[];
  /** Undefined for a read-only mount. */
  readonly upper: { readonly diff: string; readonly work: string } | undefined;
  readonly options: readonly string[];
  readonly mountLabel: string | undefined;
}

/** Mounts an overlay; options that an older kernel does not know (`volatile`, `metacopy`) are given up rather than failing. */
export function mountOverlay(sys: Sys, mount: OverlayMount): void {
  try {
    mountOnce(sys, mount);
  } catch (error) {
    const needed = mount.options.filter((option) => option !== "volatile" && !option.startsWith("metacopy="));
    if (errnoCode(error) !== "EINVAL" || needed.length === mount.options.length) throw mountError(mount, error);
    try {
      mountOnce(sys, { ...mount, options: needed });
    } catch (again) {
      throw mountError(mount, again);
    }
  }
}

/** Keeps mounts below the driver's directory from spreading to other namespaces, where they would keep layers busy; false when it is no mount of its own. */
export function makePrivate(sys: Sys, home: string): boolean {
  try {
    sys.mount("none", home, null, MS_PRIVATE, null);
    return true;
  } catch (error) {
    if (errnoCode(error) === "EINVAL") return false;
    throw error;
  }
}

/** Makes the driver's directory a mount of its own, private. */
export function bindPrivate(sys: Sys, home: string): void {
  sys.mount(home, home, "bind", MS_BIND, null);
  sys.mount("none", home, null, MS_PRIVATE, null);
}

/**
 * Unmounts all that is mounted there, and puts a fresh directory in the mount point's place: the old one may still be in use in another mount
 * namespace.
 */
export function unmountOverlay(sys: Sys, target: string): void {
  if (!unmountAll(sys, target)) return;
  const stat = fs.statSync(target, { throwIfNoEntry: false });
  if (stat === undefined) return;
  const fresh = `${target}.1`;
  fs.rmSync(fresh, { recursive: true, force: true });
  try {
    fs.mkdirSync(fresh, { mode: 0o700 });
  } catch (error) {
    // A full disk, or a layer that has taken all that it may: what there is serves as well.
    if (errnoCode(error) === "ENOSPC" || errnoCode(error) === "EDQUOT") return;
    throw error;
  }
  if (stat.uid !== process.geteuid?.() || stat.gid !== process.getegid?.()) fs.chownSync(fresh, stat.uid, stat.gid);
  fs.renameSync(fresh, target);
}

/** Unmounts until nothing is mounted; a process killed before it noted its mount leaves one that nobody counts. False when there was none. */
export function unmountAll(sys: Sys, target: string): boolean {
  for (let found = false; ; found = true) {
    try {
      sys.umount2(target, MNT_DETACH);
    } catch (error) {
      const code = errnoCode(error);
      if (code === "EINVAL" || code === "ENOENT") return found;
      throw error;
    }
  }
}

function mountOnce(sys: Sys, mount: OverlayMount): void {
  const { flags, data } = splitMountOptions(mount.options);
  const options: Array<readonly [string, string | null]> = [];
  if (mount.upper !== undefined) options.push(["upperdir", mount.upper.diff], ["workdir", mount.upper.work]);
  for (const option of data) {
    const equals = option.indexOf("=");
    options.push(equals === -1 ? [option, null] : [option.slice(0, equals), option.slice(equals + 1)]);
  }
  if (mount.mountLabel !== undefined && mount.mountLabel !== "") options.push(["context", mount.mountLabel]);
  const text = mountText(mount.lower, options);
  if (Buffer.byteLength(text) < PAGE_SIZE) sys.mount("overlay", mount.target, "overlay", flags, text);
  else mountLong(sys, mount, { flags, options });
}

/**
 * Too many layers for one page of options: they are given one by one where the kernel takes that (6.8), else by the names of open
 * descriptors, which are shorter than any path.
 */
function mountLong(sys: Sys, mount: OverlayMount, rest: { flags: number; options: ReadonlyArray<readonly [string, string | null]> }): void {
  const attributes = (rest.flags & SAME_ATTRIBUTES) | ((rest.flags & MS_NOATIME) === 0 ? 0 : MOUNT_ATTR_NOATIME);
  try {
    sys.mountWithOptions(
      "overlay",
      mount.target,
      [...mount.lower.map((lower) => ["lowerdir+", lower] as const), ...rest.options],
      attributes,
    );
    return;
  } catch (error) {
    if (!["EINVAL", "ENOSYS", "EOPNOTSUPP"].includes(errnoCode(error) ?? "")) throw error;
  }
  const descriptors: number[] = [];
  try {
    for (const lower of mount.lower) descriptors.push(fs.openSync(lower, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY));
    const text = mountText(
      descriptors.map((fd) => `/proc/self/fd/${fd}`),
      rest.options,
    );
    if (Buffer.byteLength(text) >= PAGE_SIZE)
      throw new ToolError("unsupported", `${mount.lower.length} layers are too many for this kernel to mount`);
    sys.mount("overlay", mount.target, "overlay", rest.flags, text);
  } finally {
    for (const fd of descriptors) fs.closeSync(fd);
  }
}

function mountText(lower: readonly string[], options: ReadonlyArray<readonly [string, string | null]>): string {
  const rest = options.map(([key, value]) =>
    value === null ? `,${key}` : key === "context" ? `,context="${value}"` : `,${key}=${escapeValue(value)}`,
  );
  return `lowerdir=${lower.map(escapeLower).join(":")}${rest.join("")}`;
}

function mountError(mount: OverlayMount, error: unknown): unknown {
  if (error instanceof ToolError) return error;
  const hint =
    errnoCode(error) === "EPERM"
      ? "run as root or inside the rootless user namespace (podman unshare)"
      : errnoCode(error) === "ENODEV"
        ? "the kernel has no overlay file system: use --storage-driver vfs"
        : undefined;
  return new ToolError("unavailable", `mounting ${path.dirname(mount.target)}`, { cause: error, hint });
}
