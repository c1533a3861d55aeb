import { readFileSync } from "node:fs";
import { formatDuration } from "@containers/common/cli/flag-values/duration";
import { humanSize } from "@containers/common/report/units";

/** Milliseconds of processor and clock, and bytes, of this process and those that it has waited for. */
export interface ResourceUsage {
  readonly system: number;
  readonly user: number;
  readonly elapsed: number;
  readonly input: number;
  readonly output: number;
}

/** Clock ticks of the kernel's interface (sysconf _SC_CLK_TCK), in milliseconds. */
const TICK = 10;

/** What has been used until now. */
export function resourceUsage(): ResourceUsage {
  const stat = readFileSync("/proc/self/stat", "latin1");
  // Fields 14 to 17 of proc_pid_stat(5), counted from behind the command, which may hold blanks.
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number);
  const io = readFileSync("/proc/self/io", "latin1");
  const bytes = (name: string): number => Number(new RegExp(`^${name}: (\\d+)`, "m").exec(io)?.[1] ?? 0);
  return {
    system: (system + childrenSystem) * TICK,
    user: (user + childrenUser) * TICK,
    elapsed: performance.now(),
    input: bytes("read_bytes"),
    output: bytes("write_bytes"),
  };
}

/** What was used between two looks, in the original's words: `0s(system) 10ms(user) 16ms(elapsed) 0B input 4.096kB output`. */
export function usageLine(before: ResourceUsage, after: ResourceUsage): string {
  const time = (name: "system" | "user" | "elapsed"): string => `${formatDuration(Math.round(after[name] - before[name]))}(${name})`;
  const size = (name: "input" | "output"): string => `${humanSize(after[name] - before[name])} ${name}`;
  return [time("system"), time("user"), time("elapsed"), size("input"), size("output")].join(" ");
}
