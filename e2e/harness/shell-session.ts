import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { World } from "./world.ts";

/** One bash that keeps its directory, variables and background jobs from command to command. */
export interface ShellSession {
  /** Runs a command without standard input; `output` has standard output and error in the order in which they came. */
  run(command: string, timeout: number): Promise<{ readonly output: string; readonly exitCode: number }>;
  end(): void;
}

export interface ShellOptions {
  /** Set and exported. */
  readonly variables: Readonly<Record<string, string>>;
  /** A script that root runs first, in the mount namespace that the shell then has for itself. */
  readonly mounts?: string | undefined;
}

/** Starts a shell as a world's user, in its environment and home. */
export function startShell(world: World, options: ShellOptions): ShellSession {
  const directory = join(world.directory, "tmp", ".session");
  mkdirSync(directory);
  const [file, ...args] = [
    ...(options.mounts === undefined ? [] : ["unshare", "-m", "--propagation", "slave", "sh", "-ec", `${options.mounts}\nexec "$@"`, "sh"]),
    ...world.asUser("bash", ["--noprofile", "--norc"]).flat(),
  ];
  const shell = spawn(file ?? "", args, {
    cwd: join(world.directory, "home"),
    env: { ...world.env, ...options.variables },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let printed = "";
  let wake = () => {};
  shell.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
    wake();
  });
  shell.on("exit", () => wake());
  let count = 0;
  return {
    async run(command, timeout) {
      const base = join(directory, String(++count));
      writeFileSync(`${base}.sh`, `${command}\n`);
      // The file is made here: the shell is another user, who appends to it.
      writeFileSync(`${base}.out`, "", { mode: 0o666 });
      if (world.user !== undefined) world.give(`${base}.out`);
      const mark = `@@${count}:`;
      const code = () => new RegExp(`${mark}(\\d+)\n`).exec(printed)?.[1];
      shell.stdin.write(`. ${base}.sh </dev/null >>${base}.out 2>&1; printf '${mark}%s\\n' $?\n`);
      const deadline = Date.now() + timeout;
      while (code() === undefined && Date.now() < deadline && shell.exitCode === null) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 200);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const output = readFileSync(`${base}.out`, "utf8");
      const exitCode = code();
      if (exitCode === undefined) throw new Error(`no end within ${timeout} ms:\n$ ${command}\n${output}`);
      return { output, exitCode: Number(exitCode) };
    },
    end() {
      shell.kill("SIGKILL");
    },
  };
}
