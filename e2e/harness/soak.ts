import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { baseImage } from "./base-image.ts";
import { toolPath } from "./binaries.ts";
import { NumberedLines, NumberedLog } from "./numbered-lines.ts";
import type { World } from "./world.ts";

/** How a soaked container's log is kept: all in one file, emptied at a size, or moved aside at a size. */
export type LogKeeping = "plain" | "limited" | "rotated";

/** What an attached client does: reads at once, reads little by little, stops for a while, or is killed. */
export type ClientKind = "quick" | "slow" | "frozen" | "killed";

export interface SoakedContainer {
  readonly name: string;
  readonly keeping: LogKeeping;
  /** The client that is there from the first line to the last; only one container has it. */
  readonly foreground: SoakClient | undefined;
}

export interface SoakClient {
  readonly stdout: NumberedLines;
  readonly stderr: NumberedLines;
  readonly ended: Promise<void>;
  readonly process: ChildProcess;
}

/** Kilobytes, of /proc/PID/smaps_rollup. */
export interface MemorySample {
  readonly pss: number;
  readonly rss: number;
  readonly privateDirty: number;
}

/** Ten turns a second; numbers on both streams, and now and then a flood. The last line of standard output is that of standard error. */
const WRITER = `n=1; e=1; turn=0
while [ ! -e /t/stop ]; do
  count=20; turn=$((turn + 1)); [ $((turn % $1)) = 0 ] && count=$2
  seq $n $((n + count - 1)); n=$((n + count))
  [ $((turn % 10)) = 0 ] && { seq $e $((e + 1)) >&2; e=$((e + 2)); }
  sleep 0.1
done
echo $((n - 1)) $((e - 1)) >/t/end-$3`;

export interface SoakSettings {
  /** Turns (tenths of a second) from one flood to the next, and its lines. */
  readonly floodEvery: number;
  readonly floodLines: number;
  /** Bytes of a limited or rotated log file. */
  readonly logSize: number;
}

/** Starts a container that writes until {@link endSoak}; its log is kept as `keeping` says. */
export async function startSoaked(world: World, keeping: LogKeeping, settings: SoakSettings): Promise<SoakedContainer> {
  const name = `soaked-${keeping}`;
  const tmp = join(world.directory, "tmp");
  const monitor = keeping === "rotated" ? ["--conmon", rotatingMonitor(tmp, settings.logSize)] : [];
  const options = ["--name", name, "--network", "none", "-v", `${tmp}:/t`, "--log-driver", "k8s-file"];
  const limit = keeping === "limited" ? ["--log-opt", `max-size=${settings.logSize}`] : [];
  const writer = ["sh", "-c", WRITER, "sh", String(settings.floodEvery), String(settings.floodLines), name];
  const run = (mode: string[]) => [...monitor, "run", ...mode, ...options, ...limit, baseImage, ...writer];
  if (keeping === "plain") return { name, keeping, foreground: startClient(world, run([]), true) };
  await world.podman(...run(["-d"]));
  return { name, keeping, foreground: undefined };
}

/** A monitor that keeps full log files; podman has no option for that. */
function rotatingMonitor(directory: string, size: number): string {
  const path = join(directory, "rotating-conmon");
  const options = `--log-size-max ${size} --log-rotate --log-max-files 1000`;
  writeFileSync(path, `#!/bin/sh\nexec ${toolPath("conmon")} "$@" ${options}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Starts podman with these arguments and checks what it prints. */
export function startClient(world: World, args: readonly string[], fromStart: boolean): SoakClient {
  const [file, words] = world.asUser(toolPath("podman"), args);
  const child = spawn(file, words, { cwd: world.directory, env: { ...world.env }, stdio: ["ignore", "pipe", "pipe"] });
  const stdout = new NumberedLines(fromStart);
  const stderr = new NumberedLines(fromStart);
  child.stdout.on("data", (bytes: Buffer) => stdout.take(bytes));
  child.stderr.on("data", (bytes: Buffer) => stderr.take(bytes));
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => resolve());
  });
  return { stdout, stderr, ended, process: child };
}

/** Attaches, behaves as its kind does for so many milliseconds, and leaves. Answers how many lines it saw, and what was wrong with them. */
export async function attachFor(
  world: World,
  container: string,
  visit: { kind: ClientKind; milliseconds: number },
): Promise<{ lines: number; problem?: string }> {
  const client = startClient(world, ["attach", "--no-stdin", "--sig-proxy=false", container], false);
  const { process: child } = client;
  if (visit.kind === "slow") sipEvery(child, 50);
  if (visit.kind === "frozen") {
    await pause(visit.milliseconds / 10);
    child.kill("SIGSTOP");
  }
  await pause(visit.milliseconds);
  child.kill("SIGCONT");
  if (visit.kind === "frozen") await pause(visit.milliseconds / 10);
  child.kill(visit.kind === "quick" ? "SIGTERM" : "SIGKILL");
  child.stdout?.resume();
  await client.ended;
  // what podman says of its own end is not the container's
  const problem = client.stdout.problem;
  return { lines: client.stdout.lines, ...(problem === undefined ? {} : { problem: `${visit.kind} client of ${container}: ${problem}` }) };
}

/** Lets through one piece of output at a time. */
function sipEvery(child: ChildProcess, milliseconds: number): void {
  child.stdout?.on("data", () => {
    child.stdout?.pause();
    setTimeout(() => child.stdout?.resume(), milliseconds);
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Memory of a container's monitor. */
export async function monitorMemory(world: World, container: string): Promise<MemorySample> {
  const pid = await world.podman("inspect", "--format", "{{.State.ConmonPid}}", container);
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
  return { pss: field("Pss"), rss: field("Rss"), privateDirty: field("Private_Dirty") };
}

/** Lets the writers come to their end, and waits for it. */
export async function endSoak(world: World, containers: readonly SoakedContainer[]): Promise<void> {
  writeFileSync(join(world.directory, "tmp", "stop"), "");
  for (const container of containers) {
    await world.podman("wait", container.name);
    await container.foreground?.ended;
  }
}

/** The numbers of the last lines that a container wrote on each stream. */
export function lastLines(world: World, container: string): { stdout: number; stderr: number } {
  const [stdout, stderr] = readFileSync(join(world.directory, "tmp", `end-${container}`), "utf8")
    .split(" ")
    .map(Number);
  return { stdout: stdout ?? 0, stderr: stderr ?? 0 };
}

/** Reads a container's log, the oldest of its files first. `files` is how many there are. */
export async function readLog(world: World, container: SoakedContainer): Promise<{ log: NumberedLog; files: number; bytes: number }> {
  const path = await world.podman("inspect", "--format", "{{.HostConfig.LogConfig.Path}}", container.name);
  const older = readdirSync(dirname(path)).flatMap((name) => (name.startsWith(`${basename(path)}.`) ? [name] : []));
  const files = older.map((name) => join(dirname(path), name)).sort((one, other) => numberOf(other) - numberOf(one));
  const log = new NumberedLog(container.keeping !== "limited");
  let bytes = 0;
  for (const file of [...files, path]) bytes += feed(file, log);
  return { log, files: files.length + 1, bytes };
}

function numberOf(path: string): number {
  return Number(path.slice(path.lastIndexOf(".") + 1));
}

function feed(path: string, log: NumberedLog): number {
  if (!existsSync(path)) throw new Error(`there is no log ${path}`);
  const fd = openSync(path, "r");
  const piece = Buffer.alloc(1024 * 1024);
  let total = 0;
  for (let length = readSync(fd, piece); length > 0; length = readSync(fd, piece)) {
    log.take(piece.subarray(0, length));
    total += length;
  }
  closeSync(fd);
  return total;
}
