import { closeSync, existsSync, fchownSync, fstatSync, readFileSync, writeSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { openInRoot, readFileInRoot } from "@containers/common/fs/open-in-root";
import { rootlessGid, rootlessUid } from "@containers/common/rootless/rootless";
import type { ContainerUser } from "@containers/common/spec-builder/look-up-user";
import { O_APPEND, O_CLOEXEC, O_CREAT, O_NONBLOCK, O_WRONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { hostIds } from "../../user-namespaces/host-ids.ts";
import type { ContainerConfig } from "../config.ts";
import { makeOwnDirectories } from "./workdir.ts";

/** A file that is bound into the container: where, its name among the run's files, what it says. */
export type AccountFile = readonly [target: string, name: string, text: string];

interface Root {
  readonly sys: Sys;
  readonly rootfs: string;
  readonly user: ContainerUser;
}

/**
 * Gives /etc/passwd and /etc/group the accounts that the image does not know and the container has: programs ask for their own name. These are
 * a numeric `--user` and, with keep-id, whoever called podman. They are added to the container's own files, which useradd and the like can go
 * on with; a root that is read-only, or the user's own directory, is left alone: the files to bind over it are returned.
 *
 * `taken` are the targets of the user's mounts: a file there is the user's affair.
 */
export function addAccounts(config: ContainerConfig, root: Root, taken: ReadonlySet<string>): AccountFile[] {
  const wanted = config.user !== "" || config.hostUsers.length > 0;
  if (!config.passwd || !wanted) return [];
  const passwd = taken.has("/etc/passwd") ? undefined : accounts(root, "passwd", (text) => users(config, root, text));
  const group = taken.has("/etc/group") || config.user === "" ? undefined : accounts(root, "group", (text) => groups(config, text));
  const missing = [passwd, group].filter((file) => file !== undefined);
  if (config.readOnly || config.rootfs !== undefined)
    return missing.map(({ name, text, added }) => [`/etc/${name}`, name, `${text}${added}`]);
  for (const { name, added } of missing) appendInRoot(config, root, { path: `/etc/${name}`, text: added });
  return [];
}

interface Additions {
  readonly name: string;
  readonly text: string;
  /** Whole lines, to stand behind {@link text}. */
  readonly added: string;
}

function accounts(root: Root, name: string, lacking: (text: string) => readonly string[]): Additions | undefined {
  const text = readFileInRoot(root.sys, root.rootfs, `/etc/${name}`)?.toString("utf8") ?? "";
  const lines = lacking(text);
  if (lines.length === 0) return undefined;
  const ending = text === "" || text.endsWith("\n") ? "" : "\n";
  return { name, text, added: `${ending}${lines.join("\n")}\n` };
}

/** A file that is made here can be read by everybody, as each program that asks for a name must. */
function appendInRoot(
  config: ContainerConfig,
  { sys, rootfs }: Root,
  { path, text }: { readonly path: string; readonly text: string },
): void {
  makeOwnDirectories(sys, config, { rootfs, path: "/etc" });
  const isNew = readFileInRoot(sys, rootfs, path) === undefined;
  const fd = openInRoot(sys, rootfs, path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0o644);
  try {
    if (!fstatSync(fd).isFile()) throw new ToolError("invalid-argument", `${path} of container ${config.id} is no regular file`);
    if (isNew && config.idMappings !== undefined) {
      const { uid, gid } = hostIds(config, { uid: 0, gid: 0 });
      fchownSync(fd, uid, gid);
    }
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
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
  if (isKnown || (caller !== undefined && uid === rootlessUid())) return lines;
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

function hostText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
