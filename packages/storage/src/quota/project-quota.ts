import fs from "node:fs";
import path from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { AT_FDCWD, LOCK_EX, S_IFBLK } from "@containers/common/sys/constants";
import type { ProjectAmounts, Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Node of the block device that a home directory is on; quotactl(2) wants one. */
const DEVICE_NODE = "backingFsBlockDev";
/** What is being deleted still counts for its project. */
const TEMPORARY = "tempdirs";
const PROJECTS_OF_A_HOME = 10_000n;
const LARGEST_PROJECT = 0xffff_ffffn;

/**
 * Limits what an empty directory directly below `home` may take, by a project of its own, in containers/storage's way: its number is above the
 * home's and above those of all directories there, so that nothing need be remembered. Limits of zero only count.
 *
 * Throws the system call's error where the file system or the user cannot: see {@link cannotLimit}.
 */
export function limitDirectory(sys: Sys, home: string, directory: string, limits: ProjectAmounts): void {
  if (fs.readdirSync(directory).length > 0)
    throw new ToolError("invalid-argument", `${directory} is not empty: what is in it would not be limited`);
  withDirectory(home, (homeFd) => {
    // Two makers at a time must not take the same number.
    sys.flock(homeFd, LOCK_EX);
    const first = firstProject(sys, home, homeFd);
    const device = deviceNode(sys, home);
    const project = Math.max(first, ...usedProjects(sys, home)) + 1;
    // The number may have been another's, whose limits the kernel remembers: both are set, zero too.
    sys.setProjectLimits(device, project, limits);
    withDirectory(directory, (fd) => sys.setDirectoryProject(fd, { project, inherited: true }));
  });
}

/** True for the errors of a file system without project quotas, or of a user who may not set any. */
export function cannotLimit(error: unknown): boolean {
  return ["ENOSYS", "ESRCH", "EINVAL", "ENOTTY", "EOPNOTSUPP", "ENOTSUP", "EPERM", "EACCES", "ENOTBLK", "ENODEV"].includes(
    errnoCode(error) ?? "",
  );
}

/** The home's own number is where its range begins; one without gets a range by its inode, and what is made in it must not inherit. */
function firstProject(sys: Sys, home: string, homeFd: number): number {
  const own = sys.directoryProject(homeFd);
  if (own.inherited) sys.setDirectoryProject(homeFd, { project: own.project, inherited: false });
  if (own.project !== 0) return own.project;
  const { ino } = fs.statSync(home, { bigint: true });
  return Number(PROJECTS_OF_A_HOME + (BigInt.asUintN(64, ino * PROJECTS_OF_A_HOME) % (LARGEST_PROJECT - PROJECTS_OF_A_HOME)));
}

/** Made anew each time: somebody may have copied the store to another disk. */
function deviceNode(sys: Sys, home: string): string {
  const node = path.join(home, DEVICE_NODE);
  const fresh = `${node}.tmp`;
  fs.rmSync(fresh, { force: true });
  sys.mknodat(AT_FDCWD, fresh, S_IFBLK | 0o600, fs.statSync(home).dev);
  fs.renameSync(fresh, node);
  return node;
}

function usedProjects(sys: Sys, home: string): number[] {
  const below = (directory: string): string[] => {
    const found = fs.readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return found.map(({ name }) => path.join(directory, name));
  };
  const temporary = path.join(home, TEMPORARY);
  const discarded = fs.existsSync(temporary) ? below(temporary).flatMap(tolerant(below, [])) : [];
  return [...below(home), ...discarded].map(tolerant((directory) => withDirectory(directory, (fd) => sys.directoryProject(fd).project), 0));
}

/** Directories go while they are looked at. */
function tolerant<T>(look: (directory: string) => T, missing: T): (directory: string) => T {
  return (directory) => {
    try {
      return look(directory);
    } catch (error) {
      if (errnoCode(error) === "ENOENT") return missing;
      throw error;
    }
  };
}

function withDirectory<T>(directory: string, use: (fd: number) => T): T {
  const fd = fs.openSync(directory, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
  try {
    return use(fd);
  } finally {
    fs.closeSync(fd);
  }
}
