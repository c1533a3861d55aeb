import { formatDuration } from "@containers/common/cli/flag-values/duration";
import { ALL_CAPABILITIES, capabilitiesOfMask } from "@containers/common/security/capabilities";
import type { ProcessRow } from "./top.ts";

const columns: Readonly<Record<string, readonly [string, (row: ProcessRow) => string]>> = {
  user: ["USER", ({ user }) => user.name],
  uid: ["UID", ({ user }) => String(user.id)],
  pid: ["PID", ({ pid }) => String(pid)],
  ppid: ["PPID", ({ ppid }) => String(ppid)],
  pcpu: ["%CPU", ({ cpu }) => cpu.toFixed(3)],
  etime: ["ELAPSED", ({ elapsedMs }) => formatDuration(elapsedMs)],
  stime: ["STIME", ({ elapsedMs }) => startTime(new Date(Date.now() - elapsedMs))],
  tty: ["TTY", ({ tty }) => tty],
  time: ["TIME", ({ timeMs }) => formatDuration(timeMs)],
  args: ["COMMAND", ({ command }) => `${command} `],
  comm: ["COMMAND", ({ name }) => name],
  hpid: ["HPID", ({ hostPid }) => String(hostPid)],
  huser: ["HUSER", ({ user }) => user.hostName],
  huid: ["HUID", ({ user }) => String(user.hostId)],
  group: ["GROUP", ({ group }) => group.name],
  groups: ["GROUPS", ({ supplementary }) => supplementary.map(({ name }) => name).join(",")],
  hgroup: ["HGROUP", ({ group }) => group.hostName],
  hgroups: ["HGROUPS", ({ supplementary }) => supplementary.map(({ hostId }) => String(hostId)).join(",")],
  ruser: ["RUSER", ({ realUser }) => realUser.name],
  rgroup: ["RGROUP", ({ realGroup }) => realGroup.name],
  pgid: ["PGID", ({ processGroup }) => String(processGroup)],
  nice: ["NI", ({ nice }) => String(nice)],
  rss: ["RSS", ({ status }) => kilobytes(status["VmRSS"])],
  vsz: ["VSZ", ({ status }) => kilobytes(status["VmSize"])],
  state: ["STATE", ({ status }) => (status["State"] ?? "?").slice(0, 1)],
  seccomp: ["SECCOMP", ({ status }) => ["disabled", "strict", "filter"][Number(status["Seccomp"])] ?? "?"],
  label: ["LABEL", ({ label }) => label],
  capamb: ["AMBIENT CAPS", ({ status }) => capabilities(status["CapAmb"])],
  capinh: ["INHERITED CAPS", ({ status }) => capabilities(status["CapInh"])],
  capprm: ["PERMITTED CAPS", ({ status }) => capabilities(status["CapPrm"])],
  capeff: ["EFFECTIVE CAPS", ({ status }) => capabilities(status["CapEff"])],
  capbnd: ["BOUNDING CAPS", ({ status }) => capabilities(status["CapBnd"])],
};

/** What ps(1) calls some of them in format strings. */
const CODES: Readonly<Record<string, string>> = {
  "%C": "pcpu",
  "%G": "group",
  "%P": "ppid",
  "%U": "user",
  "%a": "args",
  "%c": "comm",
  "%g": "rgroup",
  "%n": "nice",
  "%p": "pid",
  "%r": "pgid",
  "%t": "etime",
  "%u": "ruser",
  "%x": "time",
  "%y": "tty",
  "%z": "vsz",
};

/** A capability mask in words: `full`, `none`, or the names without CAP_. */
function capabilities(mask: string | undefined): string {
  const names = capabilitiesOfMask(mask ?? "0");
  if (names.length === 0) return "none";
  if (names.length === ALL_CAPABILITIES.length) return "full";
  return names
    .map((name) => name.replace(/^CAP_/, ""))
    .sort()
    .join(",");
}

/** As Go prints a time. */
function startTime(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const offset = -at.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const name = offset === 0 ? "UTC" : zone;
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${zone} ${name}`;
}

/** `1234 kB` of /proc without its unit; a kernel thread has none. */
function kilobytes(text: string | undefined): string {
  return text?.split(" ")[0] ?? "0";
}

/** The names that columns are chosen by, sorted. */
export const descriptors: readonly string[] = Object.keys(columns).sort();

const byDefault = ["user", "pid", "ppid", "pcpu", "etime", "tty", "time", "args"];

/** What `top` shows in one column. */
export type Column = readonly [heading: string, cell: (row: ProcessRow) => string];

/** The columns that format descriptors name; without any, the usual ones. Undefined when a word names none, and so is meant for ps(1). */
export function chooseColumns(descriptors: readonly string[]): Column[] | undefined {
  const words = descriptors.flatMap((word) => word.split(/[,\s]+/)).filter((word) => word !== "");
  const chosen = (words.length === 0 ? byDefault : words).map((word) => columns[CODES[word] ?? word]);
  return chosen.every((column) => column !== undefined) ? chosen : undefined;
}
