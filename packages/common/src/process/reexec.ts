import { basename } from "node:path";

/** A part of the program that runs in a process of its own; the answer is its exit status. */
export type ReexecEntry = (args: readonly string[]) => number | Promise<number>;

/** Re-entry points by name. Each loads its module only when it is the one that was asked for. */
export type ReexecTable = Readonly<Record<string, ReexecEntry>>;

/** How to start this program again: `argv0` goes before `args`. */
export interface ReexecCommand {
  readonly file: string;
  readonly argv0: string;
  readonly args: readonly string[];
}

/** The re-entry points of this package; a program adds its own when it calls {@link runReexecEntry}. */
const COMMON_ENTRIES: ReexecTable = {
  "userns-holder": async () => {
    const [{ holdUserNamespace }, { linuxSys }] = await Promise.all([import("../rootless/userns-holder.ts"), import("../sys/linux.ts")]);
    return holdUserNamespace(linuxSys());
  },
  "port-forwarder": async (args) => {
    const [{ runPortForwarder }, { linuxSys }] = await Promise.all([
      import("../network/port-forwarder/forwarder.ts"),
      import("../sys/linux.ts"),
    ]);
    return runPortForwarder(linuxSys(), args);
  },
  netns: async (args) => (await import("../network/netns-helper.ts")).runNetnsEntry(args),
  "rootless-netns-exec": async (args) => {
    const [{ execInRootlessNetns }, { linuxSys }] = await Promise.all([
      import("../network/rootless-netns/enter.ts"),
      import("../sys/linux.ts"),
    ]);
    return execInRootlessNetns(linuxSys(), args);
  },
};

/** The command that enters this same executable at `entry`; an unknown name is an error in the child, not here. */
export function reexecArguments(entry: string, args: readonly string[]): ReexecCommand {
  return { file: process.execPath, argv0: process.argv0, args: [...scriptArgument(), `__${entry}`, ...args] };
}

/** The command that runs this program's ordinary command line again, for instance as an exit command. */
export function selfCommand(args: readonly string[]): ReexecCommand {
  return { file: process.execPath, argv0: process.argv0, args: [...scriptArgument(), ...args] };
}

/**
 * Called by every program before its command line is looked at. Undefined when the first argument names no entry point
 * (`__name`); then nothing was done.
 */
export function runReexecEntry(argv: readonly string[], ownEntries: ReexecTable = {}): Promise<number> | undefined {
  const first = argv[0];
  if (first === undefined || !first.startsWith("__")) return undefined;
  const name = first.slice(2);
  const table = [ownEntries, COMMON_ENTRIES].find((entries) => Object.hasOwn(entries, name));
  const entry = table?.[name];
  return entry === undefined ? undefined : Promise.resolve(entry(argv.slice(1)));
}

/** A compiled executable carries its script; run from source, the runtime needs to be told which one. */
function scriptArgument(): string[] {
  const script = process.argv[1];
  const compiled = script === undefined || script.startsWith("/$bunfs/") || !basename(process.execPath).startsWith("bun");
  return compiled ? [] : [script];
}
