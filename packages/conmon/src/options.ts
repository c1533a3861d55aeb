import { MonitorError } from "./diagnostics.ts";

/** The command line, checked and with its defaults; frozen. Paths are as given. */
export interface MonitorOptions {
  /** 0 is the protocol before attach; podman asks for 1. */
  readonly apiVersion: number;
  readonly cid: string;
  readonly cuuid: string | undefined;
  readonly name: string | undefined;
  /** Undefined only for an exec session of api version 0, which has no attach socket. */
  readonly bundle: string | undefined;
  readonly runtime: string;
  readonly runtimeArgs: readonly string[];
  readonly runtimeOpts: readonly string[];
  readonly containerPidFile: string;
  readonly conmonPidFile: string | undefined;
  readonly persistDir: string | undefined;
  readonly exitDir: string | undefined;
  readonly exitCommand: string | undefined;
  readonly exitCommandArgs: readonly string[];
  /** Seconds. */
  readonly exitDelay: number;
  readonly logPaths: readonly string[];
  readonly logLevel: string | undefined;
  /** Bytes of one log file before it is started anew; unlimited when not positive. */
  readonly logSizeMax: number;
  readonly logGlobalSizeMax: number;
  /** A full log file is kept under a number rather than emptied, this many of them. */
  readonly logRotate: boolean;
  readonly logMaxFiles: number;
  /** Where log files may be; anywhere when empty. */
  readonly logAllowlistDirs: readonly string[];
  readonly logTag: string | undefined;
  /** `LABEL=VALUE`, fields of the journal. */
  readonly logLabels: readonly string[];
  readonly noContainerPartialMessage: boolean;
  readonly exec: boolean;
  readonly execAttach: boolean;
  readonly execProcessSpec: string | undefined;
  readonly restore: string | undefined;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly leaveStdinOpen: boolean;
  readonly fullAttach: boolean;
  readonly socketDir: string;
  readonly sdnotifySocket: string | undefined;
  readonly replaceListenPid: boolean;
  readonly systemdCgroup: boolean;
  readonly noPivot: boolean;
  readonly noNewKeyring: boolean;
  readonly noSyncLog: boolean;
  readonly sync: boolean;
  readonly syslog: boolean;
  /** Seconds; 0 for none. */
  readonly timeout: number;
}

/** What the command line asks for. */
export type Invocation = { readonly run: MonitorOptions } | { readonly print: "help" | "version" };

type Kind = "flag" | "string" | "array" | "int";

interface Definition {
  readonly name: string;
  readonly short?: string;
  readonly kind: Kind;
  readonly help: string;
  /** Old spelling of another option, not shown in the help. */
  readonly alias?: string;
}

const DEFINITIONS: readonly Definition[] = [
  { name: "help", short: "h", kind: "flag", help: "Show help options" },
  { name: "api-version", kind: "flag", help: "Conmon API version to use" },
  { name: "bundle", short: "b", kind: "string", help: "Location of the OCI Bundle path" },
  { name: "cid", short: "c", kind: "string", help: "Identification of Container" },
  { name: "conmon-pidfile", short: "P", kind: "string", help: "PID file for the conmon process" },
  { name: "container-pidfile", short: "p", kind: "string", help: "PID file for the initial pid inside of container" },
  { name: "cuuid", short: "u", kind: "string", help: "Container UUID" },
  { name: "exec", short: "e", kind: "flag", help: "Exec a command into a running container" },
  { name: "exec-attach", kind: "flag", help: "Attach to an exec session" },
  { name: "exec-process-spec", kind: "string", help: "Path to the process spec for execution" },
  { name: "exit-command", kind: "string", help: "Path to the program to execute when the container terminates its execution" },
  { name: "exit-command-arg", kind: "array", help: "Additional arg to pass to the exit command. Can be specified multiple times" },
  { name: "exit-delay", kind: "int", help: "Delay before invoking the exit command (in seconds)" },
  { name: "exit-dir", kind: "string", help: "Path to the directory where exit files are written" },
  { name: "leave-stdin-open", kind: "flag", help: "Leave stdin open when attached client disconnects" },
  { name: "log-level", kind: "string", help: "Print debug logs based on log level" },
  { name: "log-path", short: "l", kind: "array", help: "Log file path" },
  { name: "log-size-max", kind: "int", help: "Maximum size of log file" },
  { name: "log-global-size-max", kind: "int", help: "Maximum size of all log files" },
  { name: "log-tag", kind: "string", help: "Additional tag to use for logging" },
  { name: "log-label", kind: "array", help: "Additional label to include in logs. Can be specified multiple times" },
  { name: "no-container-partial-message", kind: "flag", help: "Do not mark partial lines in the journal" },
  { name: "log-rotate", kind: "flag", help: "Enable log rotation instead of truncation when log-size-max is reached" },
  { name: "log-max-files", kind: "int", help: "Number of backup log files to keep (default: 1)" },
  { name: "log-allowlist-dir", kind: "array", help: "Allowed log directory" },
  { name: "name", short: "n", kind: "string", help: "Container name" },
  { name: "no-new-keyring", kind: "flag", help: "Do not create a new session keyring for the container" },
  { name: "no-pivot", kind: "flag", help: "Do not use pivot_root" },
  { name: "no-sync-log", kind: "flag", help: "Do not manually call sync on logs after container shutdown" },
  {
    name: "persist-dir",
    short: "0",
    kind: "string",
    help: "Persistent directory for a container that can be used for storing container data",
  },
  { name: "pidfile", kind: "string", help: "", alias: "container-pidfile" },
  { name: "replace-listen-pid", kind: "flag", help: "Replace listen pid if set for oci-runtime pid" },
  { name: "restore", kind: "string", help: "Restore a container from a checkpoint" },
  { name: "restore-arg", kind: "array", help: "", alias: "runtime-opt" },
  { name: "runtime", short: "r", kind: "string", help: "Path of the OCI runtime" },
  { name: "runtime-arg", kind: "array", help: "Additional arg to pass to the runtime. Can be specified multiple times" },
  { name: "runtime-opt", kind: "array", help: "Additional opts to pass to the restore or exec command. Can be specified multiple times" },
  { name: "sdnotify-socket", kind: "string", help: "Path to the host's sd-notify socket to relay messages to" },
  { name: "socket-dir-path", kind: "string", help: "Location of container attach sockets" },
  { name: "stdin", short: "i", kind: "flag", help: "Open up a pipe to pass stdin to the container" },
  { name: "sync", kind: "flag", help: "Keep the main conmon process as its child by only forking once" },
  { name: "syslog", kind: "flag", help: "Log to syslog (use with cgroupfs cgroup manager)" },
  { name: "systemd-cgroup", short: "s", kind: "flag", help: "Enable systemd cgroup manager, rather then use the cgroupfs directly" },
  { name: "terminal", short: "t", kind: "flag", help: "Allocate a pseudo-TTY. The default is false" },
  { name: "timeout", short: "T", kind: "int", help: "Kill container after specified timeout in seconds" },
  { name: "version", kind: "flag", help: "Print the version and exit" },
  {
    name: "full-attach",
    kind: "flag",
    help: "Don't truncate the path to the attach socket. This option causes conmon to ignore --socket-dir-path",
  },
  {
    name: "seccomp-notify-socket",
    kind: "string",
    help: "Path to the socket where the seccomp notification fd is received (refused: not supported)",
  },
  {
    name: "seccomp-notify-plugins",
    kind: "string",
    help: "Plugins to use for managing the seccomp notifications (refused: not supported)",
  },
];

const DEFAULT_SOCKET_DIR = "/var/run/crio";

/** Raw values by option name: the last one of a string, all of an array. */
type Values = ReadonlyMap<string, readonly string[]>;

/**
 * Parses argv (without the program's name) as the original does. Throws MonitorError with the message to print:
 * a bad command line or a combination that makes no sense.
 */
export function parseOptions(argv: readonly string[], cwd: string): Invocation {
  const values = parseValues(argv);
  if (values.has("help")) return { print: "help" };
  if (values.has("version")) return { print: "version" };
  const options = toOptions(values, cwd);
  refuseNonsense(values, options);
  return { run: Object.freeze(options) };
}

/** The text of `--help`. */
export function helpText(): string {
  const lines = DEFINITIONS.filter((definition) => definition.alias === undefined).map((definition) => {
    const names = `${definition.short === undefined ? "" : `-${definition.short}, `}--${definition.name}`;
    return `  ${names.padEnd(32)}${definition.help}`;
  });
  return `Usage:\n  conmon [OPTION…] - conmon utility\n\nApplication Options:\n${lines.join("\n")}\n`;
}

function parseValues(argv: readonly string[]): Values {
  const values = new Map<string, string[]>();
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined && word !== "--"; word = rest.shift()) {
    if (word.startsWith("--")) parseLong(word.slice(2), rest, values);
    else if (word.length > 1 && word.startsWith("-")) parseShort(word.slice(1), rest, values);
    // other words are left over, and ignored: podman passes `--api-version 1`, where the option takes no value
  }
  return values;
}

function parseLong(word: string, rest: string[], values: Map<string, string[]>): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const definition = DEFINITIONS.find((candidate) => candidate.name === name);
  if (definition === undefined) throw parseFailure(`Unknown option --${name}`);
  if (definition.kind === "flag") {
    record(values, definition, "true");
    return;
  }
  const value = equals < 0 ? rest.shift() : word.slice(equals + 1);
  if (value === undefined) throw parseFailure(`Missing argument for --${name}`);
  record(values, definition, value);
}

/** `-it` is two flags; in `-cID` and `-c ID` the value belongs to the last letter. */
function parseShort(letters: string, rest: string[], values: Map<string, string[]>): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters.charAt(at);
    const definition = DEFINITIONS.find((candidate) => candidate.short === letter);
    if (definition === undefined) throw parseFailure(`Unknown option -${letter}`);
    if (definition.kind === "flag") {
      record(values, definition, "true");
      continue;
    }
    const glued = letters.slice(at + 1);
    const value = glued === "" ? rest.shift() : glued;
    if (value === undefined) throw parseFailure(`Missing argument for -${letter}`);
    record(values, definition, value);
    return;
  }
}

function record(values: Map<string, string[]>, definition: Definition, value: string): void {
  const name = definition.alias ?? definition.name;
  if (definition.kind === "int" && !/^[+-]?\d+$/.test(value.trim())) {
    throw parseFailure(`Cannot parse integer value “${value}” for --${name}`);
  }
  values.set(name, definition.kind === "array" ? [...(values.get(name) ?? []), value] : [value]);
}

function parseFailure(message: string): MonitorError {
  return new MonitorError(message, { prefix: "conmon: option parsing failed: " });
}

function toOptions(values: Values, cwd: string): MonitorOptions {
  const text = (name: string) => values.get(name)?.at(-1);
  const list = (name: string) => values.get(name) ?? [];
  const flag = (name: string) => values.has(name);
  const number = (name: string, otherwise: number) => Number(text(name) ?? otherwise);
  const cid = text("cid");
  if (cid === undefined) throw new MonitorError("Container ID not provided. Use --cid", { prefix: "conmon: " });
  return {
    apiVersion: flag("api-version") ? 1 : 0,
    cid,
    cuuid: text("cuuid"),
    name: text("name"),
    bundle: text("bundle") ?? (flag("exec") ? undefined : cwd),
    runtime: text("runtime") ?? "",
    runtimeArgs: list("runtime-arg"),
    runtimeOpts: list("runtime-opt"),
    containerPidFile: text("container-pidfile") ?? `${cwd}/pidfile-${cid}`,
    conmonPidFile: text("conmon-pidfile"),
    persistDir: text("persist-dir"),
    exitDir: text("exit-dir"),
    exitCommand: text("exit-command"),
    exitCommandArgs: list("exit-command-arg"),
    exitDelay: number("exit-delay", 0),
    logPaths: list("log-path"),
    logLevel: text("log-level"),
    logSizeMax: number("log-size-max", -1),
    logGlobalSizeMax: number("log-global-size-max", -1),
    logRotate: flag("log-rotate"),
    logMaxFiles: number("log-max-files", 1),
    logAllowlistDirs: list("log-allowlist-dir"),
    logTag: text("log-tag"),
    logLabels: list("log-label"),
    noContainerPartialMessage: flag("no-container-partial-message"),
    exec: flag("exec"),
    execAttach: flag("exec-attach"),
    execProcessSpec: text("exec-process-spec"),
    restore: text("restore"),
    terminal: flag("terminal"),
    stdin: flag("stdin"),
    leaveStdinOpen: flag("leave-stdin-open"),
    fullAttach: flag("full-attach"),
    socketDir: text("socket-dir-path") ?? DEFAULT_SOCKET_DIR,
    sdnotifySocket: text("sdnotify-socket"),
    replaceListenPid: flag("replace-listen-pid"),
    systemdCgroup: flag("systemd-cgroup"),
    noPivot: flag("no-pivot"),
    noNewKeyring: flag("no-new-keyring"),
    noSyncLog: flag("no-sync-log"),
    sync: flag("sync"),
    syslog: flag("syslog"),
    timeout: number("timeout", 0),
  };
}

function refuseNonsense(values: Values, options: MonitorOptions): void {
  for (const name of ["seccomp-notify-socket", "seccomp-notify-plugins"]) {
    if (values.has(name)) throw new MonitorError(`--${name} is not supported: this monitor does not forward seccomp notifications`);
  }
  const problems: ReadonlyArray<readonly [wrong: boolean, message: string]> = [
    [options.restore !== undefined && options.exec, "Cannot use 'exec' and 'restore' at the same time"],
    [options.execAttach && !options.exec, "Attach can only be specified with exec"],
    [options.execAttach && options.apiVersion < 1, "Attach can only be specified for a non-legacy exec session"],
    [options.cuuid === undefined && (!options.exec || options.apiVersion >= 1), "Container UUID not provided. Use --cuuid"],
    [options.runtime === "", "Runtime path not provided. Use --runtime"],
    [options.exec && options.execProcessSpec === undefined, "Exec process spec path not provided. Use --exec-process-spec"],
    [options.exitDelay < 0, "Delay before invoking exit command must be greater than or equal to 0"],
    [options.logMaxFiles < 0, `log-max-files must be non-negative, got ${options.logMaxFiles}`],
    [options.logRotate && options.logMaxFiles === 0, "log-max-files must be at least 1 when log-rotate is enabled, got 0"],
    [options.logPaths.length === 0, "Log driver not provided. Use --log-path"],
  ];
  for (const [wrong, message] of problems) if (wrong) throw new MonitorError(message);
}
