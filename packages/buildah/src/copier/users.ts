import { ToolError } from "@containers/common/errors/tool-error";
import { readFileInRoot } from "@containers/common/fs/open-in-root";
import type { Sys } from "@containers/common/sys/sys";

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly additionalGids: readonly number[];
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** `--chown=user[:group]`: names from the container's own files; a lone number is uid and gid. */
export function resolveOwner(sys: Sys, root: string, spec: string): { uid: number; gid: number } {
  const [user = "", group = ""] = splitSpec(spec);
  if (user === "" && group === "") throw new ToolError("invalid-argument", `can't find uid for user ${spec}`);
  const uid = numericId(user);
  if (uid !== undefined || user === "") {
    const gid = group === "" ? uid : numericId(group);
    if (gid !== undefined) return { uid: uid ?? 0, gid };
  }
  const found = resolveUser(sys, root, spec);
  return { uid: found.uid, gid: found.gid };
}

/** USER's `user[:group]` for running a command. The empty text is root. */
export function resolveUser(sys: Sys, root: string, spec: string): ContainerUser {
  const [user = "", group] = splitSpec(spec);
  const users = readPasswd(sys, root);
  const groups = readGroups(sys, root);
  const wanted = user === "" ? "0" : user;
  const id = numericId(wanted);
  const entry = users.find((candidate) => (id === undefined ? candidate.name === wanted : candidate.uid === id)) ?? users.find((candidate) => candidate.name === wanted);
  const uid = entry?.uid ?? id;
  if (uid === undefined) throw new ToolError("not-found", `user: unknown user error looking up user ${JSON.stringify(user)}`, { code: "unknown-user" });
  const gid = group === undefined || group === "" ? (entry?.gid ?? 0) : groupId(groups, group);
  const additionalGids = group === undefined && entry !== undefined
    ? groups.filter((candidate) => candidate.members.includes(entry.name) && candidate.gid !== gid).map((candidate) => candidate.gid)
    : [];
  return { uid, gid, home: entry?.home || (uid === 0 ? "/root" : "/"), additionalGids };
}

function splitSpec(spec: string): [string, string | undefined] {
  const colon = spec.indexOf(":");
  return colon === -1 ? [spec, undefined] : [spec.slice(0, colon), spec.slice(colon + 1)];
}

function groupId(groups: readonly GroupEntry[], group: string): number {
  const gid = groups.find((entry) => entry.name === group)?.gid ?? numericId(group);
  if (gid === undefined) throw new ToolError("not-found", `user: unknown group error looking up group ${JSON.stringify(group)}`, { code: "unknown-group" });
  return gid;
}

function numericId(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= 0xffffffff ? Number(text) : undefined;
}

function readPasswd(sys: Sys, root: string): PasswdEntry[] {
  return records(sys, root, "/etc/passwd").flatMap(([name = "", , uid = "", gid = "", , home = ""]) => {
    const uidNumber = numericId(uid);
    const gidNumber = numericId(gid);
    return uidNumber === undefined || gidNumber === undefined ? [] : [{ name, uid: uidNumber, gid: gidNumber, home }];
  });
}

function readGroups(sys: Sys, root: string): GroupEntry[] {
  return records(sys, root, "/etc/group").flatMap(([name = "", , gid = "", members = ""]) => {
    const gidNumber = numericId(gid);
    return gidNumber === undefined ? [] : [{ name, gid: gidNumber, members: members.split(",") }];
  });
}

function records(sys: Sys, root: string, path: string): string[][] {
  const text = readFileInRoot(sys, root, path)?.toString("utf8") ?? "";
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(":"));
}
