import { defineCommand } from "@containers/common/cli/define-command";
import { formatDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import { renderTable } from "@containers/common/report/table";
import { containerProcesses, type ProcessRow } from "../../../containers/top.ts";
import { engineFor, latestFlag, oneContainer } from "./targets.ts";

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

const byDefault = ["user", "pid", "ppid", "pcpu", "etime", "tty", "time", "args"];

/** `podman top`. */
export const topCommand = defineCommand({
  name: "top",
  summary: "Display the running processes of a container",
  description: `Lists the processes of a running container. Format descriptors: ${Object.keys(columns).join(", ")}.`,
  usage: "CONTAINER [FORMAT-DESCRIPTORS...]",
  examples: ["podman top ctrID", "podman top ctrID pid args"],
  flags: { ...latestFlag, "list-descriptors": { type: "bool", hidden: true, description: "List the format descriptors" } },
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.listDescriptors) {
      out.stdout(descriptorList());
      return undefined;
    }
    const engine = engineFor(invocation);
    const reference = oneContainer(engine, flags.latest ? [] : args.slice(0, 1), flags.latest);
    // Options of ps(1) are for the ps of the container.
    if (args.slice(flags.latest ? 0 : 1).some((word) => word.startsWith("-"))) {
      const { execInContainer } = await import("../../../containers/exec.ts");
      return execInContainer(engine, reference, {
        // A list may be separated by spaces, which not every ps takes.
        command: ["ps", ...(flags.latest ? args : args.slice(1)).map((word) => word.trim().replace(/\s+/g, ","))],
      });
    }
    const chosen = chooseColumns(flags.latest ? args : args.slice(1));
    out.stdout(renderProcesses(await containerProcesses(engine, reference), chosen));
    return undefined;
  },
});

type Column = readonly [heading: string, cell: (row: ProcessRow) => string];

/** The format descriptors, a line each. */
export function descriptorList(): string {
  return Object.keys(columns)
    .sort()
    .map((name) => `${name}\n`)
    .join("");
}

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

export function renderProcesses(rows: readonly ProcessRow[], chosen: readonly Column[]): string {
  return renderTable(
    chosen.map(([heading]) => heading),
    rows.map((row) => chosen.map(([, cell]) => cell(row))),
  );
}
