import { readFileSync, readlinkSync } from "node:fs";
import { readFileInRoot } from "@containers/common/fs/open-in-root";
import type { Sys } from "@containers/common/sys/sys";

/** A user or group of a process: as the container numbers and names it, and as the host does. */
export interface Owner {
  readonly id: number;
  readonly name: string;
  readonly hostId: number;
  readonly hostName: string;
}

export interface Owners {
  user(id: number): Owner;
  group(id: number): Owner;
}

/**
 * Understands the ids that /proc shows of the processes of the container whose first process is `pid`. A name that cannot be found is the number.
 */
export function ownersOf(sys: Sys, pid: number): Owners {
  const inside = sameUserNamespace(pid) ? undefined : pid;
  const users = { toContainer: mapOf(`/proc/${inside}/uid_map`, inside), toHost: ownMap("uid_map"), names: namesOf(sys, pid, "passwd") };
  const groups = { toContainer: mapOf(`/proc/${inside}/gid_map`, inside), toHost: ownMap("gid_map"), names: namesOf(sys, pid, "group") };
  return { user: (id) => owner(id, users), group: (id) => owner(id, groups) };
}

interface Directory {
  /** From an id as this process sees it. */
  readonly toContainer: readonly IdRange[];
  readonly toHost: readonly IdRange[];
  readonly names: { readonly container: ReadonlyMap<number, string>; readonly host: ReadonlyMap<number, string> };
}

interface IdRange {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

function owner(id: number, { toContainer, toHost, names }: Directory): Owner {
  const inner = mapped(id, toContainer);
  const hostId = mapped(id, toHost);
  return { id: inner, name: names.container.get(inner) ?? String(inner), hostId, hostName: names.host.get(hostId) ?? String(hostId) };
}

function mapped(id: number, ranges: readonly IdRange[]): number {
  const range = ranges.find(({ from, length }) => id >= from && id < from + length);
  return range === undefined ? id : id - range.from + range.to;
}

function sameUserNamespace(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/user`) === readlinkSync("/proc/self/ns/user");
  } catch {
    return true;
  }
}

/** From ids of this process's namespace to those of another one, below it. */
function mapOf(path: string, pid: number | undefined): readonly IdRange[] {
  return pid === undefined ? [] : lines(path).map(([inner = 0, outer = 0, length = 0]) => ({ from: outer, to: inner, length }));
}

/** From ids of this process's namespace to those of the one above: the host's, for an ordinary user. */
function ownMap(name: "uid_map" | "gid_map"): readonly IdRange[] {
  return lines(`/proc/self/${name}`).map(([inner = 0, outer = 0, length = 0]) => ({ from: inner, to: outer, length }));
}

function lines(path: string): readonly (readonly number[])[] {
  try {
    const text = readFileSync(path, "latin1").trim();
    return text === "" ? [] : text.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  } catch {
    return [];
  }
}

function namesOf(sys: Sys, pid: number, file: "passwd" | "group"): Directory["names"] {
  return { container: parseNames(contentInRoot(sys, pid, file)), host: parseNames(hostContent(file)) };
}

/** The container decides what lies there: nothing outside of its root is read. */
function contentInRoot(sys: Sys, pid: number, file: string): string {
  try {
    return readFileInRoot(sys, `/proc/${pid}/root`, `/etc/${file}`)?.toString("utf8") ?? "";
  } catch {
    return "";
  }
}

function hostContent(file: string): string {
  try {
    return readFileSync(`/etc/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** Names by id; of several the first, as getpwuid(3) has it. */
function parseNames(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name = "", , id = ""] = line.split(":");
    if (name !== "" && /^\d+$/.test(id) && !names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}
