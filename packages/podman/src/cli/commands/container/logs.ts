import { defineCommand, defineFlags, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { copyLog } from "../../../containers/logs/copy-log.ts";
import { readLogs } from "../../../containers/logs/read-logs.ts";
import type { LogLine, LogOptions } from "../../../containers/options.ts";
import type { Engine } from "../../../engine/engine.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { parsePointInTime } from "../../../system/point-in-time.ts";
import { onSide } from "../../on-side.ts";
import { latestContainer, latestFlag, requireNoArguments } from "./targets.ts";

/** Flags that `pod logs` has too. */
export const logFlags = defineFlags({
  color: { type: "bool", description: "Colour the lines by container" },
  details: { type: "bool", hidden: true, description: "Accepted for docker's sake; has no effect" },
  follow: { type: "bool", short: "f", description: "Go on as new output comes" },
  names: { type: "bool", short: "n", description: "Print the container's name before each line" },
  since: { type: "string", description: "Only output after this time" },
  tail: { type: "int", default: -1, description: "Only this many lines at the end" },
  timestamps: { type: "bool", short: "t", description: "Print the time before each line" },
  until: { type: "string", description: "Only output before this time" },
});

const flags = { ...latestFlag, ...logFlags } as const;

type Values = FlagValues<typeof logFlags>;

/** As much of an invocation as the printing of logs needs. */
export type LogsInvocation = Pick<Invocation<Values>, "flags" | "out">;

/** `podman logs`. */
export const logsCommand = defineCommand({
  name: "logs",
  summary: "Fetch the logs of one or more containers",
  description: "Prints what containers have written to standard output and standard error.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman logs ctrID", "podman logs --tail 2 mywebserver", "podman logs --follow=true --since 10m ctrID"],
  flags,
  args: { min: 0 },
  run: (invocation) => logs(invocation),
});

async function logs(invocation: Invocation<FlagValues<typeof flags>>): Promise<undefined> {
  const { flags: values, args } = invocation;
  if (args.length === 0 && !values.latest) throw new ToolError("invalid-argument", "specify at least one container name or ID to log");
  requireNoArguments(args, values);
  await onSide(invocation, {
    local: (engine) => {
      const references = values.latest ? [latestContainer(engine)] : args;
      for (const reference of references) resolveContainer(engine, reference);
      const [only] = references;
      if (only !== undefined && references.length === 1 && isPlain(values) && copyWhole(engine, only, invocation)) return Promise.resolve();
      return printLogs(localLogs(engine), references, invocation);
    },
    remote: async (service) => {
      const remote = await import("../../../remote/containers/logs.ts");
      await printLogs((reference, options) => remote.readLogs(service, reference, options), args, invocation);
    },
  });
  return undefined;
}

/** Nothing is printed beside what the container has written, and nothing of it but the beginning left out. */
function isPlain(values: Values): boolean {
  return !values.follow && !values.color && !values.timestamps && values.since === undefined && values.until === undefined;
}

function copyWhole(engine: Engine, reference: string, { flags: values, out }: LogsInvocation): boolean {
  return copyLog(engine, reference, values.tail, (stream, bytes) => (stream === "stdout" ? out.stdout : out.stderr)(bytes));
}

/** Reads the log of one container, here or at a service. */
export type LogSource = (reference: string, options: LogOptions) => AsyncIterable<LogLine>;

export function localLogs(engine: Engine): LogSource {
  return (reference, options) => readLogs(engine, reference, options);
}

/** Prints the logs of several containers, one after the other; with `--follow` all at once. */
export async function printLogs(read: LogSource, references: readonly string[], invocation: LogsInvocation): Promise<void> {
  const { flags: values } = invocation;
  const options: LogOptions = {
    follow: values.follow,
    tail: values.tail,
    since: values.since === undefined ? undefined : parsePointInTime(values.since),
    until: values.until === undefined ? undefined : parsePointInTime(values.until, Date.now(), "ahead"),
  };
  const sources = references.map((reference, at) => ({ reference, options, at, several: references.length > 1 }));
  if (values.follow) await Promise.all(sources.map((source) => print(read, invocation, source)));
  else for (const source of sources) await print(read, invocation, source);
}

interface Source {
  readonly reference: string;
  readonly options: LogOptions;
  readonly at: number;
  readonly several: boolean;
}

/** Lines are gathered and written together: a write per line would cost more than reading them. */
async function print(read: LogSource, { flags: values, out }: LogsInvocation, source: Source): Promise<void> {
  const { reference, options, at } = source;
  const prefix = linePrefix(values, source.several);
  const color = values.color ? `\x1b[${COLORS[at % COLORS.length]}m` : "";
  let pending = "";
  let stream: LogLine["stream"] = "stdout";
  const flush = (): void => {
    if (pending !== "") (stream === "stdout" ? out.stdout : out.stderr)(Buffer.from(pending));
    pending = "";
  };
  // A line that is not whole yet goes on where its stream does.
  const open = { stdout: false, stderr: false };
  for await (const line of read(reference, options)) {
    if (line.stream !== stream) flush();
    stream = line.stream;
    pending += `${color}${open[stream] ? "" : prefix(line)}${line.text}${color === "" ? "" : RESET}${line.partial ? "" : "\n"}`;
    open[stream] = line.partial;
    if (pending.length > 65_536 || values.follow) flush();
  }
  flush();
}

const COLORS = [37, 31, 33, 34, 35, 36, 32];
const RESET = "\x1b[0m";

/** Whose line it is stands there only where several are shown. */
function linePrefix(values: Values, several: boolean): (line: LogLine) => string {
  return (line) => {
    const name = several ? `${values.names ? line.containerName : line.containerId.slice(0, 12)} ` : "";
    return `${name}${values.timestamps ? `${line.time.replace(/[+]00:00$/, "Z")} ` : ""}`;
  };
}
