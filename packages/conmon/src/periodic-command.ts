import type { MonitorSys } from "@containers/common/sys/sys";
import { type Diagnostics, reason } from "./diagnostics.ts";
import { childEnvironment } from "./environment.ts";
import { readText, writeText } from "./files.ts";
import type { PollLoop } from "./poll-loop.ts";
import type { Children } from "./reap-children.ts";

/** What an engine leaves in the bundle as `periodic.json`, and then says `3 0 0` on the control fifo. */
export interface PeriodicJob {
  /** argv. */
  readonly command: readonly string[];
  /** From the end of one run to the begin of the next. */
  readonly intervalMs: number;
}

/** Undefined when the text is no job. */
export function parsePeriodicJob(text: string): PeriodicJob | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || !("command" in parsed) || !("intervalMs" in parsed)) return undefined;
  const { command, intervalMs } = parsed;
  if (!Array.isArray(command) || command.length === 0 || !command.every((word) => typeof word === "string")) return undefined;
  return typeof intervalMs === "number" && intervalMs > 0 ? { command, intervalMs } : undefined;
}

/**
 * Runs a command of the engine again and again while the container lives, one at a time: its health checks, where no service manager has
 * timers for them. Ours alone; the original's monitor has nothing like it.
 */
export class PeriodicCommand {
  readonly #ports: { readonly sys: MonitorSys; readonly loop: PollLoop; readonly diagnostics: Diagnostics };
  readonly #children: () => Children;
  #job: PeriodicJob | undefined;
  #running: number | undefined;
  /** Counts the jobs, so that the timer of an earlier one is told apart. */
  #generation = 0;

  constructor(ports: { sys: MonitorSys; loop: PollLoop; diagnostics: Diagnostics }, children: () => Children) {
    this.#ports = ports;
    this.#children = children;
  }

  /** Takes the job that stands in the bundle now, and begins with a run; no file, no job. */
  reload(path: string): void {
    this.#generation += 1;
    this.#job = readJob(this.#ports.sys, path);
    if (this.#running === undefined) this.#run(this.#generation);
  }

  #run(generation: number): void {
    const job = this.#job;
    if (job === undefined || generation !== this.#generation) return;
    const { sys, diagnostics } = this.#ports;
    const [program = ""] = job.command;
    try {
      const pid = sys.spawn({
        path: program,
        argv: job.command,
        env: childEnvironment(),
        descriptors: [0, 1, 2].map((fd) => [fd, fd] as const),
      });
      this.#running = pid;
      exposeToOomKiller(sys, pid);
      this.#children().onEnd(pid, () => this.#ended(generation, job));
    } catch (error) {
      diagnostics.error(`Failed to run ${program}: ${reason(error)}`);
      this.#wait(generation, job);
    }
  }

  #ended(generation: number, job: PeriodicJob): void {
    this.#running = undefined;
    // a new job came meanwhile: it begins with a run
    if (generation === this.#generation) this.#wait(generation, job);
    else this.#run(this.#generation);
  }

  #wait(generation: number, job: PeriodicJob): void {
    this.#ports.loop.after(job.intervalMs, () => this.#run(generation));
  }
}

function readJob(sys: MonitorSys, path: string): PeriodicJob | undefined {
  try {
    return parsePeriodicJob(readText(sys, path));
  } catch {
    return undefined;
  }
}

/** It would inherit our protection, and the container's processes from it. */
function exposeToOomKiller(sys: MonitorSys, pid: number): void {
  try {
    writeText(sys, `/proc/${pid}/oom_score_adj`, "0");
  } catch {
    // ended already, or we are not protected
  }
}
