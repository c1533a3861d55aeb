import { existsSync } from "node:fs";
import { WNOHANG } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";
import type { OciRuntime } from "./runtime.ts";

export interface RunOnceOptions {
  /** Directory with config.json. */
  readonly bundle: string;
  readonly id: string;
  /** Descriptors of this process that the contained process gets; default its own 0, 1 and 2. */
  readonly stdio?: readonly [stdin: number, stdout: number, stderr: number];
  readonly signal?: AbortSignal;
  /** The root is moved to instead of pivoted into: what a root file system in memory needs. */
  readonly noPivot?: boolean;
}

/**
 * Runs a bundle in the foreground to its end (a build's RUN); the exit code is the contained process's, 128 + n for signal n. It is 1 where the
 * runtime could not make the container, whatever the runtime's own code for that.
 */
export async function runOnce(runtime: OciRuntime, options: RunOnceOptions): Promise<number> {
  const sys = linuxSys();
  const [stdin, stdout, stderr] = options.stdio ?? [0, 1, 2];
  const env = Object.entries(process.env).flatMap(([key, value]) =>
    value === undefined || key.startsWith("BUN_") ? [] : [`${key}=${value}`],
  );
  const pidFile = `${options.bundle}/pid`;
  const pid = sys.spawn({
    path: runtime.path,
    argv: [
      runtime.path,
      ...runtime.globalArguments,
      "run",
      "--bundle",
      options.bundle,
      "--pid-file",
      pidFile,
      ...(options.noPivot === true ? ["--no-pivot"] : []),
      options.id,
    ],
    env,
    descriptors: [
      [stdin, 0],
      [stdout, 1],
      [stderr, 2],
    ],
  });
  const stop = (): void => {
    void runtime.kill(options.id, 9, true).catch(() => sys.kill(pid, 9));
  };
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    for (let pause = 1; ; pause = Math.min(pause * 2, 20)) {
      const status = sys.waitpid(pid, WNOHANG);
      // The runtime notes the process once the container is made.
      if (status !== undefined) return existsSync(pidFile) ? (status.exitCode ?? 128 + (status.signal ?? 0)) : 1;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
}

/** Waits for a child of this process; its exit code, 128 + n for signal n. */
export async function waitForExit(sys: Sys, pid: number): Promise<number> {
  for (let pause = 1; ; pause = Math.min(pause * 2, 20)) {
    const status = sys.waitpid(pid, WNOHANG);
    if (status !== undefined) return status.exitCode ?? 128 + (status.signal ?? 0);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
