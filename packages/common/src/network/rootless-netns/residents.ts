import { readFileSync, readlinkSync, statSync } from "node:fs";
import { findProcesses } from "../../process/find-processes.ts";

/** Who stands in a network namespace of an ordinary user's bridges, or serves it. */
export interface Residents {
  /** Connect it to the host, or answer its name look-ups: they have nothing to do without containers. */
  readonly helpers: readonly number[];
  /** Sessions of `unshare --rootless-netns`, also those on their way in. */
  readonly sessions: readonly number[];
}

export const NOBODY: Residents = { helpers: [], sessions: [] };

const NAME_SERVER = "aardvark-dns";

/** Looks through all processes: for when what was written down may not be true any more. */
export function findResidents(netnsPath: string): Residents {
  const namespace = namespaceOf(netnsPath);
  const helpers: number[] = [];
  const sessions = findProcesses((argv, pid) => {
    const isInside = namespace !== undefined && linkOf(`/proc/${pid}/ns/net`) === namespace;
    const isHelper = (argv.includes(netnsPath) && isUserMode(pid)) || (isInside && nameOf(pid) === NAME_SERVER);
    if (isHelper) helpers.push(pid);
    return !isHelper && ((argv.includes("--rootless-netns") && isOwn(pid)) || (isInside && !isUserMode(pid)));
  });
  return { helpers, sessions: sessions.filter((pid) => pid !== process.pid && pid !== process.ppid) };
}

/** A pid file outlives its process: the name tells whether the pid is still that process. */
export function isUserMode(pid: number): boolean {
  return /^(pasta|passt|slirp4netns)/.test(nameOf(pid));
}

function isOwn(pid: number): boolean {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid === process.geteuid?.();
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}

/** As the links in /proc/PID/ns name it; undefined when there is none. */
function namespaceOf(netnsPath: string): string | undefined {
  const stat = statSync(netnsPath, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `net:[${stat.ino}]`;
}

/** Empty for a process that is no more, or somebody else's. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
