/**
 * The process that holds the rootless user and mount namespaces open between commands. Its pid is in
 * `$XDG_RUNTIME_DIR/libpod/tmp/pause.pid`, the original's own file: each tool joins the other's.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { reexecArguments } from "../process/reexec.ts";
import { AT_FDCWD, LOCK_EX, LOCK_UN, O_CLOEXEC, RENAME_NOREPLACE, SIGKILL } from "../sys/constants.ts";
import type { Sys } from "../sys/sys.ts";
import { errnoCode } from "../sys/sys-error.ts";
import { HOLDER_ENTRY, SINGLE_THREADED } from "./early-entry.ts";
import { writeIdMaps } from "./write-id-maps.ts";

/** Descriptors of the two namespaces, close-on-exec, owned by the caller. */
export interface HeldNamespaces {
  readonly user: number;
  readonly mount: number;
}

/** Where the pid file and its lock live. */
export function pauseDirectory(runtimeDir: string): string {
  return `${runtimeDir}/libpod/tmp`;
}

/** Opens the namespaces of the running pause process, of whichever make; starts one where there is none. */
export function openHeldNamespaces(sys: Sys, runtimeDir: string, warn: (message: string) => void): HeldNamespaces {
  const directory = pauseDirectory(runtimeDir);
  const held = openPaused(directory);
  if (held !== undefined) return held;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = openSync(`${directory}/pause.lock`, "a", 0o600);
  try {
    sys.flock(lock, LOCK_EX);
    return openPaused(directory) ?? startPauseProcess(sys, directory, warn);
  } finally {
    sys.flock(lock, LOCK_UN);
    closeSync(lock);
  }
}

/** Forgets a pid file whose process could not be joined, so that the next {@link openHeldNamespaces} starts a new one. */
export function forgetPauseProcess(runtimeDir: string): void {
  removeIfPresent(`${pauseDirectory(runtimeDir)}/pause.pid`);
}

/** The pid of the pause process, undefined when the file is missing or nonsense. */
export function pausePid(runtimeDir: string): number | undefined {
  return readPid(`${pauseDirectory(runtimeDir)}/pause.pid`);
}

function openPaused(directory: string): HeldNamespaces | undefined {
  const pid = readPid(`${directory}/pause.pid`);
  if (pid === undefined) return undefined;
  try {
    // A recycled pid: a process in our own user namespace is not the pause process.
    if (readlinkSync(`/proc/${pid}/ns/user`) === readlinkSync("/proc/self/ns/user")) return undefined;
    return openNamespaces(pid);
  } catch {
    return undefined;
  }
}

function openNamespaces(pid: number): HeldNamespaces {
  return { user: openSync(`/proc/${pid}/ns/user`, "r"), mount: openSync(`/proc/${pid}/ns/mnt`, "r") };
}

function startPauseProcess(sys: Sys, directory: string, warn: (message: string) => void): HeldNamespaces {
  removeIfPresent(`${directory}/pause.pid`);
  const [goRead, goWrite] = sys.pipe2(O_CLOEXEC);
  const [readyRead, readyWrite] = sys.pipe2(O_CLOEXEC);
  const self = reexecArguments(HOLDER_ENTRY, []);
  const pid = sys.spawn({
    path: self.file,
    argv: [self.argv0, ...self.args],
    env: [...SINGLE_THREADED, "_PODMAN_PAUSE=1", `PATH=${process.env.PATH ?? "/usr/bin:/bin"}`],
    descriptors: [
      [goRead, 0],
      [readyWrite, 1],
      [2, 2],
    ],
    cwd: "/",
    newSession: true,
  });
  sys.close(goRead);
  sys.close(readyWrite);
  try {
    expectReady(sys, readyRead);
    writeIdMaps(sys, pid, warn);
    const held = openNamespaces(pid);
    sys.write(goWrite, Buffer.from("0"), 0, 1);
    return recordPid(sys, directory, pid) ? held : (openPaused(directory) ?? held);
  } catch (error) {
    sys.kill(pid, SIGKILL);
    sys.waitpid(pid, 0);
    throw error;
  } finally {
    sys.close(goWrite);
    sys.close(readyRead);
  }
}

/** The holder says `0` once it has its namespaces, or the name of the errno that stopped it. */
function expectReady(sys: Sys, fd: number): void {
  const buffer = Buffer.alloc(64);
  const length = sys.read(fd, buffer, 0, buffer.length);
  const word = buffer.toString("utf8", 0, length);
  if (word !== "0") throw userNamespaceError(word);
}

/** Why unshare(CLONE_NEWUSER) fails, as far as the system tells. */
function userNamespaceError(code: string): ToolError {
  const switches: ReadonlyArray<readonly [file: string, setting: string]> = [
    ["/proc/sys/user/max_user_namespaces", "user.max_user_namespaces=15000"],
    ["/proc/sys/kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone=1"],
  ];
  for (const [file, setting] of switches) {
    if (existsSync(file) && readFileSync(file, "utf8").trim() === "0") {
      return new ToolError("denied", `user namespaces are not enabled: ${file} is 0`, { hint: `as root, run: sysctl -w ${setting}` });
    }
  }
  const restricted = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
  if (existsSync(restricted) && readFileSync(restricted, "utf8").trim() === "1") {
    return new ToolError("denied", "AppArmor does not let this program make user namespaces", {
      hint: "install an AppArmor profile with `userns,` for it, or as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    });
  }
  return new ToolError("denied", `cannot make a user namespace: ${code === "" ? "the helper process ended early" : code}`);
}

/** False when another tool wrote its pid first: then that one's namespace is joined and ours goes away. */
function recordPid(sys: Sys, directory: string, pid: number): boolean {
  const temporary = `${directory}/pause.pid.${pid}`;
  writeFileSync(temporary, String(pid), { mode: 0o600 });
  try {
    sys.renameat2(AT_FDCWD, temporary, AT_FDCWD, `${directory}/pause.pid`, RENAME_NOREPLACE);
    return true;
  } catch (error) {
    removeIfPresent(temporary);
    if (errnoCode(error) !== "EEXIST") throw error;
    sys.kill(pid, SIGKILL);
    return false;
  }
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8").trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function removeIfPresent(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
  }
}
