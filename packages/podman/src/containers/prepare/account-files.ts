import { existsSync, readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { readFileInRoot } from "@containers/common/fs/open-in-root";
import { rootlessGid, rootlessUid } from "@containers/common/rootless/rootless";
import type { ContainerUser } from "@containers/common/spec-builder/look-up-user";
import type { Sys } from "@containers/common/sys/sys";
import type { ContainerConfig } from "../config.ts";

/** A file that is bound into the container: where, its name among the run's files, what it says. */
export type AccountFile = readonly [target: string, name: string, text: string];

interface Root {
  readonly sys: Sys;
  readonly rootfs: string;
  readonly user: ContainerUser;
}

/**
 * /etc/passwd and /etc/group with the accounts that the image does not know and the container has: programs ask for their own name. These are
 * a numeric `--user` and, with keep-id, whoever called podman. Nothing where the image has no such file, or lacks nothing.
 */
export function accountFiles(config: ContainerConfig, root: Root): AccountFile[] {
  const wanted = config.user !== "" || config.hostUsers.length > 0;
  if (!config.passwd || !wanted) return [];
  const passwd = imageFile(root, "/etc/passwd");
  const group = imageFile(root, "/etc/group");
  return [
    ...appended(["/etc/passwd", "passwd", passwd], passwd === undefined ? [] : users(config, root, passwd)),
    ...appended(["/etc/group", "group", group], group === undefined || config.user === "" ? [] : groups(config, group)),
  ];
}

function users(config: ContainerConfig, root: Root, passwd: string): string[] {
  return [...hostUsers(config, passwd), ...(config.user === "" ? [] : containerUsers(config, root, passwd))];
}

/** Accounts of the host that the user asked for by name or number. */
function hostUsers(config: ContainerConfig, passwd: string): string[] {
  return config.hostUsers.flatMap((reference) => {
    const words = hostText("/etc/passwd")
      .split("\n")
      .map((line) => line.split(":"))
      .find(([name, , uid]) => name === reference || uid === reference);
    if (words === undefined) throw unknownUser(config, reference);
    const [name = "", , uid = "", gid = "", , home = ""] = words;
    return knows(passwd, 0, name) ? [] : [`${name}:*:${uid}:${gid}:${fullName(words)}:${home}:/bin/sh`];
  });
}

function unknownUser({ id }: ContainerConfig, reference: string): ToolError {
  const reason = /^\d+$/.test(reference) ? `unknown userid ${reference}` : `unknown user ${reference}`;
  return new ToolError("not-found", `creating temporary passwd file for container ${id}: user: ${reason}`, { exitCode: 126 });
}

/** The user's own form of an entry, or ours. */
function entry(template: string | undefined, names: Readonly<Record<string, string>>, ours: string): string {
  if (template === undefined || template === "") return ours;
  return Object.entries(names).reduce((text, [name, value]) => text.replaceAll(`$${name}`, value), template);
}

function containerUsers(config: ContainerConfig, root: Root, passwd: string): string[] {
  const caller = config.currentUser?.named === true ? account(hostText("/etc/passwd"), 2, rootlessUid()) : undefined;
  const lines: string[] = [];
  if (caller !== undefined && !knows(passwd, 0, caller.name) && !knows(passwd, 2, String(rootlessUid()))) {
    const home = isMounted(config, caller.words[5] ?? "") ? (caller.words[5] ?? "") : config.workdir;
    const [, , uid = "", gid = ""] = caller.words;
    const names = { USERNAME: caller.name, UID: uid, GID: gid, NAME: fullName(caller.words), HOME: home };
    lines.push(entry(config.passwdEntry, names, `${caller.name}:*:${uid}:${gid}:${names.NAME}:${home}:/bin/sh`));
  }
  const { uid, gid, isKnown } = root.user;
  if (isKnown || uid === 0 || (caller !== undefined && uid === rootlessUid())) return lines;
  const known = account(hostText("/etc/passwd"), 2, uid);
  const [name, full] = known === undefined ? [String(uid), "container user"] : [known.name, fullName(known.words)];
  const names = { USERNAME: name, UID: String(uid), GID: String(gid), NAME: full, HOME: config.workdir };
  return [...lines, entry(config.passwdEntry, names, `${name}:*:${uid}:${gid}:${full}:${config.workdir}:/bin/sh`)];
}

function groups(config: ContainerConfig, group: string): string[] {
  const lines: string[] = [];
  const own = config.currentUser?.named === true ? account(hostText("/etc/group"), 2, rootlessGid()) : undefined;
  if (own !== undefined && !knows(group, 0, own.name) && !knows(group, 2, String(rootlessGid()))) {
    const member = account(hostText("/etc/passwd"), 2, rootlessUid())?.name ?? "";
    const names = { GROUPNAME: own.name, GID: String(rootlessGid()), USERLIST: member };
    lines.push(entry(config.groupEntry, names, `${own.name}:x:${rootlessGid()}:${member}`));
  }
  const [user = "", gid = "0"] = config.user.split(":");
  const isNew = /^\d+$/.test(gid) && !knows(group, 2, gid) && !(own !== undefined && Number(gid) === rootlessGid());
  const names = { GROUPNAME: gid, GID: gid, USERLIST: user };
  return isNew ? [...lines, entry(config.groupEntry, names, `${gid}:x:${gid}:${user}`)] : lines;
}

function appended([target, name, text]: readonly [string, string, string | undefined], lines: readonly string[]): AccountFile[] {
  if (text === undefined || lines.length === 0) return [];
  const ending = text === "" || text.endsWith("\n") ? "" : "\n";
  return [[target, name, `${text}${ending}${lines.join("\n")}\n`]];
}

function account(text: string, field: number, id: number): { readonly name: string; readonly words: readonly string[] } | undefined {
  const words = text
    .split("\n")
    .map((line) => line.split(":"))
    .find((one) => one[field] === String(id));
  return words === undefined ? undefined : { name: words[0] ?? "", words };
}

function knows(text: string, field: number, value: string): boolean {
  return text.split("\n").some((line) => line.split(":")[field] === value);
}

/** The first of the comma-separated parts of the comment is the name. */
function fullName(words: readonly string[]): string {
  return (words[4] ?? "").split(",")[0] ?? "";
}

function isMounted(config: ContainerConfig, home: string): boolean {
  return home !== "" && config.mounts.some(({ target }) => target !== "/" && (home === target || home.startsWith(`${target}/`)));
}

function imageFile({ sys, rootfs }: Root, path: string): string | undefined {
  return readFileInRoot(sys, rootfs, path)?.toString("utf8");
}

function hostText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
