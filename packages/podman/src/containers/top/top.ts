import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { refreshLocked } from "../lifecycle/refresh.ts";
import { type Owner, type Owners, ownersOf } from "./owners.ts";

export interface ProcessRow {
  /** Effective, as real ones below. */
  readonly user: Owner;
  readonly group: Owner;
  readonly realUser: Owner;
  readonly realGroup: Owner;
  readonly supplementary: readonly Owner[];
  /** In the container's pid namespace. */
  readonly pid: number;
  readonly ppid: number;
  readonly cpu: number;
  /** Milliseconds since it was started. */
  readonly elapsedMs: number;
  readonly tty: string;
  /** Milliseconds of processor time. */
  readonly timeMs: number;
  readonly command: string;
  /** The program's short name. */
  readonly name: string;
  /** What the security module says of it; `?` without one. */
  readonly label: string;
  readonly hostPid: number;
  readonly processGroup: number;
  readonly nice: number;
  /** The lines of /proc/PID/status by their names. */
  readonly status: Readonly<Record<string, string>>;
}

const TICKS_PER_SECOND = 100;

/** The processes of a running container, out of the host's /proc: those whose pid namespace is the container's. */
export async function containerProcesses(engine: Engine, reference: string): Promise<ProcessRow[]> {
  const { config } = resolveContainer(engine, reference);
  const { state } = await withContainerLock(engine, config.id, (stale) => refreshLocked(engine, stale));
  if (state.status !== "running" && state.status !== "paused") {
    throw new ToolError("invalid-state", "top can only be used on running containers", { code: "not-running" });
  }
  const belongs = membership(state.pid);
  const owners = ownersOf(engine.sys, state.pid);
  const uptime = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && belongs(Number(name)))
    .flatMap((name) => readRow(Number(name), { uptime, owners }) ?? [])
    .sort((a, b) => a.pid - b.pid);
}

/**
 * Tells a container's processes by their pid namespace, or by their cgroup when it shares this one's. What cannot be read belongs to
 * somebody else, and so is none of the container's.
 */
function membership(pid: number): (other: number) => boolean {
  const namespace = pidNamespaceOf(pid);
  const read = namespace === pidNamespaceOf("self") ? cgroupOf : pidNamespaceOf;
  const own = read(pid);
  return (other) => own !== undefined && read(other) === own;
}

function pidNamespaceOf(pid: number | "self"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function cgroupOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "latin1");
  } catch {
    return undefined;
  }
}

interface Surroundings {
  /** Seconds since the machine was started. */
  readonly uptime: number;
  readonly owners: Owners;
}

function readRow(hostPid: number, { uptime, owners }: Surroundings): ProcessRow | undefined {
  try {
    const stat = readFileSync(`/proc/${hostPid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const status = readFileSync(`/proc/${hostPid}/status`, "latin1");
    const lines = statusLines(status);
    const command = readFileSync(`/proc/${hostPid}/cmdline`, "utf8").replaceAll("\0", " ").trimEnd();
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const ticks = Number(fields[11]) + Number(fields[12]);
    const elapsedMs = Math.max(0, (uptime - Number(fields[19]) / TICKS_PER_SECOND) * 1000);
    const timeMs = (ticks / TICKS_PER_SECOND) * 1000;
    return {
      ...ownersOfProcess(lines, owners),
      status: lines,
      // As the innermost namespace counts, like the process itself.
      processGroup: Number((lines["NSpgid"] ?? "").split(/\s+/).at(-1) || fields[2]),
      nice: Number(fields[16]),
      pid: innerPid(status, hostPid),
      ppid: innerParent(fields[1]),
      cpu: elapsedMs > 0 ? (timeMs / elapsedMs) * 100 : 0,
      elapsedMs,
      tty: terminalName(Number(fields[4])),
      timeMs,
      command: command === "" ? `[${name}]` : command,
      name,
      label: readLabel(hostPid),
      hostPid,
    };
  } catch {
    // It ended while it was looked at.
    return undefined;
  }
}

function statusLines(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
    }),
  );
}

/** `Uid:` and `Gid:` hold the real, effective, saved and file system id. */
function ownersOfProcess(
  status: Readonly<Record<string, string>>,
  owners: Owners,
): Pick<ProcessRow, "user" | "group" | "realUser" | "realGroup" | "supplementary"> {
  const ids = (line: string | undefined): number[] => (line === undefined || line === "" ? [] : line.split(/\s+/).map(Number));
  const [realUser = 0, user = 0] = ids(status["Uid"]);
  const [realGroup = 0, group = 0] = ids(status["Gid"]);
  return {
    user: owners.user(user),
    group: owners.group(group),
    realUser: owners.user(realUser),
    realGroup: owners.group(realGroup),
    supplementary: ids(status["Groups"]).map((id) => owners.group(id)),
  };
}

function readLabel(hostPid: number): string {
  try {
    return readFileSync(`/proc/${hostPid}/attr/current`, "utf8").replace(/[\n\0]+$/, "");
  } catch {
    return "?";
  }
}

function innerPid(status: string, hostPid: number): number {
  return Number(/^NSpid:.*?(\d+)$/m.exec(status)?.[1] ?? hostPid);
}

/** The parent of the first process is outside: 0. */
function innerParent(parent: string | undefined): number {
  try {
    const status = readFileSync(`/proc/${parent}/status`, "latin1");
    const pids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? [];
    return pids.length > 1 ? Number(pids.at(-1)) : 0;
  } catch {
    return 0;
  }
}

function terminalName(device: number): string {
  if (device === 0) return "?";
  return device >> 8 === 136 ? `pts/${device & 0xff}` : "?";
}
