/** What a monitor is told about the container it starts. See docs/jargon.md and conmon(8). */
export interface MonitorOptions {
  readonly containerId: string;
  readonly name: string;
  /** The OCI runtime's path, and arguments that go before its verb. */
  readonly runtimePath: string;
  readonly runtimeArguments: readonly string[];
  /** Come before every other argument of {@link runtimePath}: what it becomes the runtime by, when it is not the runtime itself. */
  readonly runtimePrefix?: readonly string[];
  readonly systemdCgroup: boolean;
  readonly bundle: string;
  /** Where the runtime notes the container's pid. */
  readonly pidFile: string;
  readonly exitDir: string;
  readonly persistDir: string;
  readonly terminal: boolean;
  readonly stdin: boolean;
  readonly logDriver: string;
  readonly logPath: string;
  readonly logMaxSize?: number;
  readonly logTag?: string;
  readonly logLevel: string;
  readonly ociLog: string;
  readonly timeout?: number;
  readonly noPivot?: boolean;
  /** The container stays in the caller's keyring. */
  readonly noKeyring?: boolean;
  readonly sdnotifySocket?: string;
  /** So many descriptors from 3 on are the contained process's. */
  readonly preserveFds?: number;
  /** What the monitor starts once the container has ended: argv. */
  readonly exitCommand: readonly string[];
  /** A file whose lock the caller holds while it means to clean up itself; only our own monitor knows it. */
  readonly exitLease?: string;
  /** The container is made out of these image files of criu's, with these flags of the runtime's besides, and runs at once. */
  readonly restore?: { readonly imagePath: string; readonly flags: readonly string[] };
}

export interface ExecMonitorOptions
  extends Omit<
    MonitorOptions,
    "name" | "systemdCgroup" | "noPivot" | "noKeyring" | "sdnotifySocket" | "exitLease" | "restore" | "logMaxSize" | "logTag"
  > {
  readonly sessionId: string;
  readonly processSpec: string;
  /** A client attaches before the process starts. */
  readonly attach: boolean;
}

/** The command line that makes a container. The monitor stays in the foreground (`--sync`): the caller has made it a session of its own. */
export function createArguments(options: MonitorOptions): string[] {
  return [
    "--api-version",
    "1",
    "-c",
    options.containerId,
    "-u",
    options.containerId,
    "-r",
    options.runtimePath,
    "-b",
    options.bundle,
    "-p",
    options.pidFile,
    "-n",
    options.name,
    "--exit-dir",
    options.exitDir,
    "--persist-dir",
    options.persistDir,
    "--full-attach",
    "--sync",
    ...(options.systemdCgroup ? ["-s"] : []),
    ...(options.noPivot === true ? ["--no-pivot"] : []),
    ...(options.noKeyring === true ? ["--no-new-keyring"] : []),
    ...(options.sdnotifySocket === undefined ? [] : [`--sdnotify-socket=${options.sdnotifySocket}`]),
    ...(options.exitLease === undefined ? [] : ["--exit-command-lease", options.exitLease]),
    ...(options.restore === undefined ? [] : ["--restore", options.restore.imagePath]),
    ...(options.restore?.flags ?? []).flatMap((flag) => ["--runtime-opt", flag]),
    ...commonArguments(options),
  ];
}

/** The command line that runs a process in a running container. */
export function execArguments(options: ExecMonitorOptions): string[] {
  return [
    "--api-version",
    "1",
    "-c",
    options.containerId,
    "-u",
    options.sessionId,
    "-r",
    options.runtimePath,
    "-b",
    options.bundle,
    "-p",
    options.pidFile,
    "-n",
    options.sessionId,
    "--exit-dir",
    options.exitDir,
    "--persist-dir",
    options.persistDir,
    "--full-attach",
    "--sync",
    "-e",
    "--exec-process-spec",
    options.processSpec,
    ...(options.attach ? ["--exec-attach"] : []),
    ...commonArguments(options),
  ];
}

function commonArguments(options: MonitorOptions | ExecMonitorOptions): string[] {
  return [
    ...(options.terminal ? ["-t"] : []),
    ...(options.stdin ? ["-i"] : []),
    "-l",
    options.logPath === "" ? options.logDriver : `${options.logDriver}:${options.logPath}`,
    ...("logMaxSize" in options && options.logMaxSize !== undefined && options.logMaxSize > 0
      ? ["--log-size-max", String(options.logMaxSize)]
      : []),
    ...("logTag" in options && options.logTag !== undefined && options.logTag !== "" ? ["--log-tag", options.logTag] : []),
    "--log-level",
    options.logLevel,
    ...(options.timeout !== undefined && options.timeout > 0 ? ["-T", String(options.timeout)] : []),
    ...[...(options.runtimePrefix ?? []), "--log-format=json", "--log", options.ociLog, ...options.runtimeArguments].flatMap((argument) => [
      `--runtime-arg=${argument}`,
    ]),
    ...(options.preserveFds === undefined || options.preserveFds === 0
      ? []
      : ["--runtime-opt=--preserve-fds", `--runtime-opt=${options.preserveFds}`]),
    ...exitCommandArguments(options.exitCommand),
  ];
}

function exitCommandArguments(command: readonly string[]): string[] {
  const [program, ...args] = command;
  return program === undefined ? [] : ["--exit-command", program, ...args.flatMap((argument) => ["--exit-command-arg", argument])];
}
