import { execa, type ResultPromise } from "execa";

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Milliseconds; default 60,000. */
  readonly timeout?: number;
}

export interface CommandResult {
  readonly command: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end without a shell; never throws for an exit code. Every command and its result is logged when `E2E_LOG` is set. */
export async function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = spawnCommand(file, args, options);
  const result = await child;
  const shown = [file, ...args].join(" ");
  const finished: CommandResult = {
    command: shown,
    exitCode: result.exitCode ?? (result.timedOut ? -1 : 128),
    stdout: String(result.stdout ?? ""),
    stderr: String(result.stderr ?? "") + (result.timedOut ? "\n(the test's time limit ended it)" : ""),
  };
  if (process.env.E2E_LOG !== undefined) console.log(`$ ${shown}\n${finished.stdout}${finished.stderr}→ ${finished.exitCode}`);
  return finished;
}

/** Starts a command and leaves it running; the caller ends it. */
export function spawnCommand(file: string, args: readonly string[], options: CommandOptions = {}): ResultPromise<{ reject: false }> {
  return execa(file, [...args], {
    reject: false,
    extendEnv: false,
    stripFinalNewline: true,
    timeout: options.timeout ?? 60_000,
    forceKillAfterDelay: 2_000,
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", LANG: "C.UTF-8", ...options.env },
  }) as ResultPromise<{ reject: false }>;
}

/** An error that shows the whole command, for `expect(...)` messages. */
export function describeResult(result: CommandResult): string {
  return `$ ${result.command}\nexit code ${result.exitCode}\nstdout: ${result.stdout}\nstderr: ${result.stderr}`;
}
