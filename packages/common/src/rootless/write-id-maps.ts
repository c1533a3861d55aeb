import { readFileSync, writeFileSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { findExecutable } from "../process/find-executable.ts";
import { O_CLOEXEC } from "../sys/constants.ts";
import type { Sys } from "../sys/sys.ts";
import { errnoCode } from "../sys/sys-error.ts";
import { copiedIdMap, type IdMapEntry, idMapArguments, rootlessIdMap } from "./id-map.ts";
import { loadSubIds, type SubIdRange, userNameOf } from "./subids.ts";

/**
 * Gives the fresh user namespace of `pid` its ids: with newuidmap and newgidmap from the user's subordinate
 * ranges; by copying our own maps when we are root (without CAP_SYS_ADMIN, in a container); else only the user's own id, with a warning.
 */
export function writeIdMaps(sys: Sys, pid: number, warn: (message: string) => void): void {
  const uid = process.geteuid?.() ?? 0;
  const gid = process.getegid?.() ?? 0;
  if (uid === 0 && copyOwnMaps(pid)) return;
  const owner = { name: process.env.USER ?? userNameOf(uid, readPasswd()), uid };
  const uids = loadSubIds("/etc/subuid", owner);
  const gids = loadSubIds("/etc/subgid", owner);
  if (uids.length === 0 || gids.length === 0) {
    warn(singleMappingWarning(owner.name ?? String(uid), uids, gids));
    writeFileSync(`/proc/${pid}/setgroups`, "deny\n");
    writeFileSync(`/proc/${pid}/uid_map`, `0 ${uid} 1\n`);
    writeFileSync(`/proc/${pid}/gid_map`, `0 ${gid} 1\n`);
    return;
  }
  runMappingTool(sys, "newuidmap", pid, rootlessIdMap(uid, uids, "/etc/subuid"));
  runMappingTool(sys, "newgidmap", pid, rootlessIdMap(gid, gids, "/etc/subgid"));
}

function copyOwnMaps(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/uid_map`, copiedIdMap(readFileSync("/proc/self/uid_map", "utf8")));
    writeFileSync(`/proc/${pid}/gid_map`, copiedIdMap(readFileSync("/proc/self/gid_map", "utf8")));
    return true;
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    return false;
  }
}

function singleMappingWarning(user: string, uids: readonly SubIdRange[], gids: readonly SubIdRange[]): string {
  const missing = [uids.length === 0 ? "/etc/subuid" : "", gids.length === 0 ? "/etc/subgid" : ""].filter((path) => path !== "");
  return (
    `no subordinate ids for user ${user} in ${missing.join(" and ")}: only one uid and gid can be used, which breaks images with files of other users; ` +
    `as root, run: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`
  );
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}

/** Runs a set-uid tool of shadow-utils and waits for it. Its stderr becomes part of our error. */
function runMappingTool(sys: Sys, tool: "newuidmap" | "newgidmap", pid: number, map: readonly IdMapEntry[]): void {
  const path = findExecutable(tool);
  if (path === undefined) {
    throw new ToolError("unavailable", `${tool} not found: it is needed to run without root`, {
      hint: "install the package uidmap (Debian, Ubuntu) or shadow-utils",
    });
  }
  const [readEnd, writeEnd] = sys.pipe2(O_CLOEXEC);
  const child = sys.spawn({
    path,
    argv: [tool, String(pid), ...idMapArguments(map)],
    env: [`PATH=${process.env.PATH ?? "/usr/bin:/bin"}`],
    descriptors: [
      [writeEnd, 1],
      [writeEnd, 2],
    ],
  });
  sys.close(writeEnd);
  const output = readAll(sys, readEnd);
  sys.close(readEnd);
  const status = sys.waitpid(child, 0);
  if (status?.exitCode === 0) return;
  throw new ToolError("denied", `${tool} refused the id map of the user namespace: ${output.trim() || "no message"}`, {
    hint: `check /etc/subuid and /etc/subgid, and that ${path} is set-uid root or has the file capability for it`,
  });
}

function readAll(sys: Sys, fd: number): string {
  const chunks: string[] = [];
  const buffer = Buffer.alloc(4096);
  for (let length = sys.read(fd, buffer, 0, buffer.length); length > 0; length = sys.read(fd, buffer, 0, buffer.length)) {
    chunks.push(buffer.toString("utf8", 0, length));
  }
  return chunks.join("");
}
