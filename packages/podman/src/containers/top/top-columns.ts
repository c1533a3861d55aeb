import { formatDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ProcessRow } from "./top.ts";

const columns: Readonly<Record<string, readonly [string, (row: ProcessRow) => string]>> = {
  user: ["USER", ({ user }) => user],
  pid: ["PID", ({ pid }) => String(pid)],
  ppid: ["PPID", ({ ppid }) => String(ppid)],
  pcpu: ["%CPU", ({ cpu }) => cpu.toFixed(3)],
  etime: ["ELAPSED", ({ elapsedMs }) => formatDuration(elapsedMs)],
  tty: ["TTY", ({ tty }) => tty],
  time: ["TIME", ({ timeMs }) => formatDuration(timeMs)],
  args: ["COMMAND", ({ command }) => `${command} `],
  comm: ["COMMAND", ({ command }) => (command.split(" ")[0] ?? "").split("/").at(-1) ?? ""],
  hpid: ["HPID", ({ hostPid }) => String(hostPid)],
  huser: ["HUSER", ({ user }) => user],
  group: ["GROUP", ({ group }) => group],
  hgroup: ["HGROUP", ({ group }) => group],
  ruser: ["RUSER", ({ realUser }) => realUser],
  rgroup: ["RGROUP", ({ realGroup }) => realGroup],
  pgid: ["PGID", ({ processGroup }) => String(processGroup)],
  nice: ["NI", ({ nice }) => String(nice)],
  rss: ["RSS", ({ status }) => kilobytes(status["VmRSS"])],
  vsz: ["VSZ", ({ status }) => kilobytes(status["VmSize"])],
  state: ["STATE", ({ status }) => (status["State"] ?? "?").slice(0, 1)],
  seccomp: ["SECCOMP", ({ status }) => ["disabled", "strict", "filter"][Number(status["Seccomp"])] ?? "?"],
};

/** `1234 kB` of /proc without its unit; a kernel thread has none. */
function kilobytes(text: string | undefined): string {
  return text?.split(" ")[0] ?? "0";
}

/** The names that columns are chosen by, sorted. */
export const descriptors: readonly string[] = Object.keys(columns).sort();

const byDefault = ["user", "pid", "ppid", "pcpu", "etime", "tty", "time", "args"];

/** What `top` shows in one column. */
export type Column = readonly [heading: string, cell: (row: ProcessRow) => string];

/** The columns that format descriptors name; without any, the usual ones. */
export function chooseColumns(descriptors: readonly string[]): Column[] {
  const words = descriptors.flatMap((word) => word.split(/[,\s]+/)).filter((word) => word !== "");
  return (words.length === 0 ? byDefault : words).map((word) => {
    const column = columns[word];
    if (column === undefined)
      throw new ToolError("invalid-argument", `unknown descriptor ${JSON.stringify(word)}: one of ${Object.keys(columns).join(", ")}`);
    return column;
  });
}
