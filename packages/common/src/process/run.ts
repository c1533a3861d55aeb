import { ToolError } from "../errors/tool-error.ts";
import { signalNumber } from "../sys/signals.ts";
import { errnoCode } from "../sys/sys-error.ts";

export interface RunOptions {
  /** What the program reads on standard input; nothing (end of file) unless told. */
  readonly input?: string | Uint8Array;
  /** The whole environment; this process's own unless told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** `inherit` gives the program our own output (and input, when there is no `input`); the default collects it. */
  readonly stdio?: "pipe" | "inherit";
  readonly signal?: AbortSignal;
  /** Descriptors that the program gets as 3, 4, …; they stay open here. */
  readonly fds?: readonly number[];
}

export interface RunResult {
  /** The exit status, or 128 + the number of the signal that ended the program. */
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * Runs a program to its end. A status other than 0 is a result, not an error. Throws `unavailable` when the program
 * cannot be started and `cancelled` when `signal` ended it.
 */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { execa } = await import("execa");
  const output = options.stdio ?? "pipe";
  const input = options.input === undefined ? (output === "inherit" ? "inherit" : "ignore") : "pipe";
  const result = await execa(file, [...args], {
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.env === undefined ? {} : { env: definedOnly(options.env), extendEnv: false }),
    cwd: options.cwd,
    cancelSignal: options.signal,
    // numbers beyond the first three work, but the package's types have no word for them
    stdio: [input, output, output, ...(options.fds ?? [])] as unknown as [typeof input, typeof output, typeof output],
    reject: false,
    encoding: "buffer",
    stripFinalNewline: false,
    maxBuffer: 512 * 1024 * 1024,
  });
  if (result.isCanceled) throw new ToolError("cancelled", `${file} was cancelled`);
  if (result.exitCode === undefined && result.signal === undefined) throw cannotRun(file, result.cause ?? result);
  return { exitCode: exitStatus(result), stdout: bytes(result.stdout), stderr: bytes(result.stderr) };
}

export interface RunSyncOptions extends Pick<RunOptions, "input" | "env" | "cwd" | "stdio"> {
  readonly argv0?: string;
}

/** {@link run} without an event loop turn, for hot paths: blocks until the program ends. */
export function runSync(file: string, args: readonly string[], options: RunSyncOptions = {}): RunResult {
  const output = options.stdio ?? "pipe";
  try {
    const result = Bun.spawnSync({
      cmd: [file, ...args],
      argv0: options.argv0,
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdin: options.input === undefined ? (output === "inherit" ? "inherit" : "ignore") : Buffer.from(options.input),
      stdout: output,
      stderr: output,
    });
    return {
      exitCode: exitStatus({ exitCode: result.exitCode, signal: result.signalCode }),
      stdout: bytes(result.stdout),
      stderr: bytes(result.stderr),
    };
  } catch (error) {
    throw cannotRun(file, error);
  }
}

export interface SpawnChildOptions extends Pick<RunOptions, "env" | "cwd" | "signal" | "fds"> {
  readonly argv0?: string;
  readonly stdin?: "pipe" | "inherit" | "ignore" | number;
  readonly stdout?: "pipe" | "inherit" | "ignore" | number;
  readonly stderr?: "pipe" | "inherit" | "ignore" | number;
}

/**
 * Starts a program and answers at once, with the runtime's own process object: pid, streams where `pipe` was asked for, `exited`, `kill`.
 * Standard input is empty and both outputs are inherited unless told. Throws `unavailable` when it cannot be started.
 */
export function spawnChild(file: string, args: readonly string[], options: SpawnChildOptions = {}): Bun.Subprocess {
  try {
    return Bun.spawn({
      cmd: [file, ...args],
      argv0: options.argv0,
      cwd: options.cwd,
      env: options.env ?? process.env,
      signal: options.signal,
      stdio: [options.stdin ?? "ignore", options.stdout ?? "inherit", options.stderr ?? "inherit", ...(options.fds ?? [])],
    });
  } catch (error) {
    throw cannotRun(file, error);
  }
}

function cannotRun(file: string, cause: unknown): ToolError {
  const missing = errnoCode(cause) === "ENOENT";
  return new ToolError("unavailable", missing ? `${file}: program not found` : `cannot run ${file}`, { cause });
}

function exitStatus(result: { exitCode?: number | null; signal?: string | number | null }): number {
  if (typeof result.exitCode === "number") return result.exitCode;
  return 128 + (signalNumber(String(result.signal ?? "")) ?? 0);
}

function bytes(output: unknown): Buffer {
  return output instanceof Uint8Array ? Buffer.from(output.buffer, output.byteOffset, output.byteLength) : Buffer.alloc(0);
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
