import { readFileSync } from "node:fs";
import { errnoCode } from "../sys/sys-error.ts";

/** What the kernel counts for a control group. Files that the host does not have (a controller that is off) count as zero. */
export interface CgroupUsage {
  /** Nanoseconds of CPU since the group was made. */
  readonly cpu: number;
  /** Those of them spent in the kernel. */
  readonly cpuSystem: number;
  /** By CPU, on version 1. */
  readonly perCpu: readonly number[];
  /** Bytes. */
  readonly memory: number;
  /** Undefined without a limit. */
  readonly memoryLimit: number | undefined;
  readonly pids: number;
  /** Bytes read from and written to block devices. */
  readonly blockInput: number;
  readonly blockOutput: number;
}

/** Directories of a group by controller, in every hierarchy; `unified` is that of version 2. */
export interface CgroupDirectories {
  readonly unified?: string;
  readonly controllers: Readonly<Record<string, string>>;
}

/**
 * The groups of a process, out of the text of its /proc/PID/cgroup. `marker` is part of the name of the group that is meant: runtimes and
 * systemd inside the container make groups below it, whose parent is wanted. Undefined when no group has it.
 */
export function cgroupDirectories(text: string, marker: string, root = "/sys/fs/cgroup"): CgroupDirectories | undefined {
  const controllers: Record<string, string> = {};
  let unified: string | undefined;
  for (const line of text.split("\n")) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names === undefined || path === undefined || names.startsWith("name=")) continue;
    const group = upTo(path, marker);
    if (group === undefined) continue;
    if (names === "") unified = group;
    for (const name of names.split(",").filter((one) => one !== "")) controllers[name] = `${root}/${names}${group}`;
  }
  if (unified === undefined && Object.keys(controllers).length === 0) return undefined;
  const base = Object.keys(controllers).length > 0 ? `${root}/unified` : root;
  return { controllers, ...(unified === undefined ? {} : { unified: `${base}${unified}` }) };
}

function upTo(path: string, marker: string): string | undefined {
  const parts = path.split("/");
  const at = parts.findIndex((part) => part.includes(marker));
  return at < 0 ? undefined : parts.slice(0, at + 1).join("/");
}

/** Reads the counters. Undefined when the group is gone. */
export function readCgroupUsage(directories: CgroupDirectories): CgroupUsage | undefined {
  const read = (controller: string, versionOne: string, versionTwo: string): string | undefined => {
    const directory = directories.controllers[controller];
    if (directory !== undefined) return readFile(`${directory}/${versionOne}`);
    return directories.unified === undefined ? undefined : readFile(`${directories.unified}/${versionTwo}`);
  };
  const cpu = readCpu(directories);
  const memory = read("memory", "memory.usage_in_bytes", "memory.current");
  if (cpu === undefined && memory === undefined) return undefined;
  const limit = Number(read("memory", "memory.limit_in_bytes", "memory.max")?.trim() ?? "max");
  return {
    ...(cpu ?? { cpu: 0, cpuSystem: 0, perCpu: [] }),
    memory: Number(memory ?? 0),
    memoryLimit: Number.isNaN(limit) ? undefined : limit,
    pids: Number(read("pids", "pids.current", "pids.current") ?? 0),
    ...blockBytes(read("blkio", "blkio.throttle.io_service_bytes_recursive", "io.stat") ?? ""),
  };
}

function readCpu({ controllers, unified }: CgroupDirectories): Pick<CgroupUsage, "cpu" | "cpuSystem" | "perCpu"> | undefined {
  const { cpuacct } = controllers;
  if (cpuacct !== undefined) {
    const usage = readFile(`${cpuacct}/cpuacct.usage`);
    if (usage === undefined) return undefined;
    // In ticks of a hundredth of a second, which is what user space is always shown.
    const system = /^system (\d+)/m.exec(readFile(`${cpuacct}/cpuacct.stat`) ?? "")?.[1] ?? "0";
    const perCpu = (readFile(`${cpuacct}/cpuacct.usage_percpu`) ?? "").split(/\s+/).filter((text) => text !== "");
    return { cpu: Number(usage), cpuSystem: Number(system) * 10_000_000, perCpu: perCpu.map(Number) };
  }
  const stat = unified === undefined ? undefined : readFile(`${unified}/cpu.stat`);
  if (stat === undefined) return undefined;
  const microseconds = (key: string): number => Number(new RegExp(`^${key} (\\d+)`, "m").exec(stat)?.[1] ?? 0);
  return { cpu: microseconds("usage_usec") * 1000, cpuSystem: microseconds("system_usec") * 1000, perCpu: [] };
}

/** `8:0 Read 4096` on version 1, `8:0 rbytes=4096 wbytes=0 …` on version 2. */
function blockBytes(text: string): { blockInput: number; blockOutput: number } {
  const sum = (pattern: RegExp): number => [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  return { blockInput: sum(/(?: Read |\brbytes=)(\d+)/g), blockOutput: sum(/(?: Write |\bwbytes=)(\d+)/g) };
}

function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = errnoCode(error);
    // ENODEV: the group was removed between open and read.
    if (code === "ENOENT" || code === "ENODEV" || code === "EOPNOTSUPP") return undefined;
    throw error;
  }
}
