import { ToolError } from "../errors/tool-error.ts";
import { readFileInRoot } from "../fs/open-in-root.ts";
import type { Sys } from "../sys/sys.ts";

export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** Groups of /etc/group that name the user; empty when a group was asked for. */
  readonly additionalGids: readonly number[];
  /** `/` when /etc/passwd does not know the user. */
  readonly home: string;
  /** Whether /etc/passwd knows the user. */
  readonly isKnown: boolean;
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

/**
 * Who `user[:group]` (names or numbers, empty for root) is in the file system at `root`. Its files are read inside the root, whatever
 * links the image holds. not-found for a name that they do not know.
 */
export function lookUpUser(sys: Sys, root: string, text: string): ContainerUser {
  const separator = text.indexOf(":");
  const userText = separator < 0 ? text : text.slice(0, separator);
  const groupText = separator < 0 ? "" : text.slice(separator + 1);
  const passwd = parsePasswd(readText(sys, root, "/etc/passwd"));
  const entry = findUser(passwd, userText);
  const uid = entry?.uid ?? numericId(userText, "user");
  const needsGroups = groupText !== "" || entry !== undefined;
  const groups = needsGroups ? parseGroups(readText(sys, root, "/etc/group")) : [];
  const additionalGids =
    groupText === "" && entry !== undefined ? groups.filter(({ members }) => members.includes(entry.name)).map(({ gid }) => gid) : [];
  return {
    uid,
    gid: groupText === "" ? (entry?.gid ?? 0) : findGroup(groups, groupText),
    additionalGids,
    home: entry?.home ?? "/",
    isKnown: entry !== undefined,
  };
}

/** The ids of groups given by name or number; not-found for a name that /etc/group does not have. */
export function lookUpGroups(sys: Sys, root: string, names: readonly string[]): number[] {
  if (names.length === 0) return [];
  const groups = parseGroups(readText(sys, root, "/etc/group"));
  return names.map((name) => findGroup(groups, name));
}

function readText(sys: Sys, root: string, path: string): string {
  return readFileInRoot(sys, root, path)?.toString("utf8") ?? "";
}

function findUser(passwd: readonly PasswdEntry[], text: string): PasswdEntry | undefined {
  if (text === "") return passwd.find(({ uid }) => uid === 0);
  return passwd.find(({ name }) => name === text) ?? (/^\d+$/.test(text) ? passwd.find(({ uid }) => uid === Number(text)) : undefined);
}

function findGroup(groups: readonly GroupEntry[], text: string): number {
  return groups.find(({ name }) => name === text)?.gid ?? numericId(text, "group");
}

function numericId(text: string, kind: "user" | "group"): number {
  if (text === "") return 0;
  if (/^\d+$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  const [file, noun] = kind === "user" ? ["passwd", "user"] : ["group", "group"];
  throw new ToolError("not-found", `unable to find ${noun} ${text}: no matching entries in ${file} file`, {
    code: `no-such-${kind}`,
    exitCode: 126,
  });
}

function parsePasswd(text: string): PasswdEntry[] {
  return text.split("\n").flatMap((line) => {
    const [name, , uid, gid, , home] = line.split(":");
    if (name === undefined || uid === undefined || gid === undefined || name.startsWith("#")) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home: home === undefined || home === "" ? "/" : home }];
  });
}

function parseGroups(text: string): GroupEntry[] {
  return text.split("\n").flatMap((line) => {
    const [name, , gid, members] = line.split(":");
    if (name === undefined || gid === undefined || name.startsWith("#")) return [];
    return [{ name, gid: Number(gid), members: (members ?? "").split(",").filter((member) => member !== "") }];
  });
}
