import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { MachineState, PrivateMachine } from "./private-machine.ts";
import { clear, MARK, NAMES } from "./random-kill-deeds.ts";
import type { World } from "./world.ts";

const SETTLE_MS = 20_000;
const LIVES = new RegExp(`^(${NAMES.join("|")}) (running|stopping)$`);

export interface Place {
  readonly world: World;
  readonly machine: PrivateMachine;
  readonly cgroup: string;
  readonly before: { readonly files: readonly string[]; readonly machine: MachineState };
}

/** Whether the list is true, everything can be removed, and nothing is left then; what does not hold, one line each. */
export async function check({ world, machine, cgroup, before }: Place, deed: string): Promise<string[]> {
  const problems = await settle(() => listingProblems(world, machine));
  problems.push(...(await clear(world, deed)));
  for (const args of [
    ["ps", "-a", "-q", "--external"],
    ["pod", "ps", "-q"],
    ["volume", "ls", "-q"],
  ]) {
    const listed = await world.run("podman", args);
    if (listed.exitCode !== 0 || listed.stdout !== "" || listed.stderr !== "")
      problems.push(`${args.join(" ")}: ${listed.exitCode} ${listed.stdout} ${listed.stderr}`);
  }
  const checked = await world.run("podman", ["system", "check"]);
  if (checked.exitCode !== 0) problems.push(`system check: ${checked.stdout} ${checked.stderr}`);
  problems.push(...(await settle(async () => [...machineProblems(await machine.look(), before.machine, world), ...groups(cgroup)])));
  problems.push(...(await settle(async () => difference("file", filesOf(world), before.files))));
  return problems;
}

/** Looks again until there is nothing to find, for what goes in a moment by itself. */
async function settle(look: () => Promise<string[]>): Promise<string[]> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const problems = await look();
    if (problems.length === 0 || Date.now() > deadline) return problems;
    await Bun.sleep(50);
  }
}

/** `ps` says that it runs, or is being stopped, if and only if its process is there. */
async function listingProblems(world: World, machine: PrivateMachine): Promise<string[]> {
  const { exitCode, stdout, stderr } = await world.run("podman", ["ps", "-a", "--format", "{{.Names}} {{.State}}"]);
  const lives = (await machine.look()).processes.some(({ command }) => command === MARK);
  if (exitCode !== 0 || stderr !== "") return [`ps: ${exitCode} ${stderr}`];
  const pods = await world.run("podman", ["pod", "ps"]);
  if (pods.exitCode !== 0 || pods.stderr !== "") return [`pod ps: ${pods.exitCode} ${pods.stderr}`];
  const says = stdout.split("\n").some((line) => LIVES.test(line));
  return says === lives ? [] : [`ps says ${JSON.stringify(stdout)}, its process ${lives ? "lives" : "does not live"}`];
}

function machineProblems(now: MachineState, before: MachineState, world: World): string[] {
  const own = (target: string) =>
    (target.startsWith(`${world.directory}/`) || target.startsWith("/run/netns/")) && target !== join(world.graphRoot, "overlay");
  return [
    ...difference("mount", now.mounts.filter(own), before.mounts.filter(own)),
    ...(now.network === before.network ? [] : [`network is\n${now.network}\nand was\n${before.network}`]),
    ...now.processes.filter((one) => one.contained || !isPause(one.command)).map(({ pid, command }) => `process ${pid} ${command}`),
  ];
}

/** The process that holds an ordinary user's namespaces. */
function isPause(command: string): boolean {
  return /catatonit|pause/.test(command);
}

/** Control groups that are left below the world's own. */
export function groups(cgroup: string): string[] {
  return readdirSync("/sys/fs/cgroup").flatMap((controller) => {
    const path = `/sys/fs/cgroup/${controller}/${cgroup}`;
    return directories(path).map((name) => `cgroup ${path}/${name}`);
  });
}

function directories(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

function difference(what: string, now: readonly string[], before: readonly string[]): string[] {
  const known = new Set(before);
  return now.filter((name) => !known.has(name)).map((name) => `${what} ${name}`);
}

/** All files of the store and the run directories, but databases' companions, and what the next write to the same file takes over. */
export function filesOf(world: World): string[] {
  return ["graph", "run", "xdg", "tmp"]
    .flatMap((name) => walk(join(world.directory, name)))
    .filter((path) => !/-(wal|shm|journal|locked)$/.test(path));
}

function walk(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
      const path = join(directory, entry.name);
      return [path, ...(entry.isDirectory() ? walk(path) : [])];
    });
  } catch {
    return [];
  }
}
