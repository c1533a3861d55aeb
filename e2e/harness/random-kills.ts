import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { baseImage, buildBaseImage } from "./base-image.ts";
import { childrenOf, type MachineState, type PrivateMachine, startPrivateMachine } from "./private-machine.ts";
import { createWorld, type World } from "./world.ts";

/** Who is killed: the podman that was called or one that cleans up, the container's monitor, the OCI runtime; or the power fails. */
export type Victim = "podman" | "conmon" | "runtime" | "power";

export interface KillRound {
  readonly deed: string;
  readonly victim: Victim;
  /** Milliseconds after which the victim is killed, or the first of its kind that shows itself from then on. */
  readonly delay: number;
  readonly network: boolean;
}

/** A world on a machine of its own, in which things are killed; `check` finds everything that was left. */
export interface KillingField {
  /** Answers whether there was anybody to kill. */
  play(round: KillRound): Promise<boolean>;
  /** What does not hold afterwards, one line each; the world is empty again then. */
  check(): Promise<string[]>;
  /** After a failure: whatever is left goes by force. */
  reset(): Promise<void>;
  destroy(): Promise<void>;
}

/** What the container runs; no other process on the machine does. */
const MARK = `sleep ${1_000_000 + (process.pid % 1_000_000)}`;
const NAME = "victim";
const HANGS_MS = 60_000;
const SETTLE_MS = 20_000;

interface Deed {
  /** A container that is there before. */
  readonly needs?: "created" | "running";
  args(field: { readonly world: World; readonly make: readonly string[] }): readonly string[];
}

export const DEEDS: Readonly<Record<string, Deed>> = {
  create: { args: ({ make }) => ["create", ...make] },
  run: { args: ({ make }) => ["run", "-d", ...make] },
  "run --rm": { args: ({ make }) => ["run", "-d", "--rm", ...make] },
  start: { needs: "created", args: () => ["start", NAME] },
  stop: { needs: "running", args: () => ["stop", "-t", "0", NAME] },
  restart: { needs: "running", args: () => ["restart", "-t", "0", NAME] },
  rm: { needs: "running", args: () => ["rm", "-f", "-t", "0", NAME] },
  exec: { needs: "running", args: () => ["exec", NAME, "true"] },
  cp: { needs: "running", args: ({ world }) => ["cp", join(world.directory, "tmp", "large"), `${NAME}:/tmp/large`] },
  commit: { needs: "running", args: () => ["commit", "-q", NAME, "localhost/committed"] },
};

export async function openKillingField(options: { readonly rootless: boolean }): Promise<KillingField> {
  const directory = mkdtempSync(join(tmpdir(), "machine-"));
  const machine = await startPrivateMachine(directory, { ownBootId: !options.rootless });
  const world = await createWorld({ rootless: options.rootless, machine });
  await buildBaseImage(world);
  writeFileSync(join(world.directory, "tmp", "large"), Buffer.alloc(8 * 1024 * 1024, "x"), { mode: 0o644 });
  const cgroup = basename(world.directory);
  const make = (round: KillRound) => [
    ...["--name", NAME, ...(options.rootless ? [] : ["--cgroup-parent", `/${cgroup}`])],
    ...(round.network ? ["-p", "127.0.0.1:8080:80"] : ["--network", "none"]),
    ...[baseImage, "sh", "-c", `echo begun >/begun; exec ${MARK}`],
  ];
  await rehearse(world, make);
  const before = { files: filesOf(world), machine: await machine.look() };
  return {
    play: (round) => play(world, make(round), round, machine),
    check: () => check({ world, machine, cgroup, before }),
    async reset() {
      await powerCut(machine, world);
      await world.run("podman", ["rm", "-f", "-a", "-t", "0"]);
      await world.run("podman", ["rmi", "localhost/committed"]);
      // What could not be removed even so is told once only.
      before.files = [...before.files, ...filesOf(world)];
    },
    async destroy() {
      await machine.destroy();
      rmSync(directory, { recursive: true });
      rmSync(world.directory, { recursive: true, force: true });
    },
  };
}

/** Everything once undisturbed: makes the files that stay. */
async function rehearse(world: World, make: (round: KillRound) => readonly string[]): Promise<void> {
  const round = { deed: "", victim: "podman", delay: 0 } as const;
  for (const network of [true, false]) {
    await world.podman("run", "-d", ...make({ ...round, network }));
    for (const deed of ["exec", "cp", "commit", "stop"])
      await world.podman(...(DEEDS[deed]?.args({ world, make: make({ ...round, network }) }) ?? []));
    await world.podman("rm", "-f", "-a", "-t", "0");
    await world.podman("rmi", "localhost/committed");
  }
}

async function play(world: World, make: readonly string[], round: KillRound, machine: PrivateMachine): Promise<boolean> {
  const deed = DEEDS[round.deed];
  if (deed === undefined) throw new Error(`no deed ${round.deed}`);
  if (deed.needs === "created") await world.podman("create", ...make);
  if (deed.needs === "running") await world.podman("run", "-d", ...make);
  const child = world.spawn("podman", deed.args({ world, make }), { timeout: HANGS_MS });
  let over = false;
  const ended = child.then((result) => {
    over = true;
    if (result.timedOut) throw new Error(`podman ${round.deed} hangs`);
  });
  await Promise.race([Bun.sleep(round.delay), ended]);
  if (round.victim === "power") {
    await powerCut(machine, world);
    await ended;
    return true;
  }
  let killed = false;
  while (!killed && !over) {
    killed = kill(round.victim, child.pid ?? 0, world);
    if (!killed) await Bun.sleep(0);
  }
  await ended;
  return killed;
}

/** What the namespaces do not take with them: cgroups, and the run directories, which a machine keeps in memory. */
async function powerCut(machine: PrivateMachine, world: World): Promise<void> {
  await machine.reboot();
  for (const group of groups(basename(world.directory))) rmdirSync(group.replace("cgroup ", ""));
  for (const name of ["run", "xdg"]) {
    const directory = join(world.directory, name);
    for (const entry of readdirSync(directory)) rmSync(join(directory, entry), { recursive: true });
  }
}

function kill(victim: Exclude<Victim, "power">, caller: number, world: World): boolean {
  // The called one comes behind a chain of programs that only lead into the namespaces.
  for (let at = caller; victim === "podman" && at !== 0; at = childrenOf(at)[0] ?? 0)
    if (basename(argumentsOf(at)[0] ?? "") === "podman") return killQuietly(at);
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const words = argumentsOf(Number(name));
    const program = basename(words[0] ?? "");
    const fits =
      victim === "runtime"
        ? (program === "crun" || program === "runc") && isOfWorld(name, world)
        : victim === "conmon" && program === "conmon" && words.some((word) => word.startsWith(`${world.directory}/`));
    if (fits) return killQuietly(Number(name));
  }
  return false;
}

function killQuietly(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

function argumentsOf(pid: number): string[] {
  return readQuietly(`/proc/${pid}/cmdline`).split("\0");
}

/** The runtime is called with paths or only an id, but always in the world's environment. */
function isOfWorld(pid: string, world: World): boolean {
  return readQuietly(`/proc/${pid}/environ`).includes(`${world.directory}/`);
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

interface Place {
  readonly world: World;
  readonly machine: PrivateMachine;
  readonly cgroup: string;
  readonly before: { readonly files: readonly string[]; readonly machine: MachineState };
}

async function check({ world, machine, cgroup, before }: Place): Promise<string[]> {
  const problems = await settle(() => listingProblems(world, machine));
  const removed = await world.run("podman", ["rm", "-f", "-a", "-t", "0"]);
  if (removed.exitCode !== 0) problems.push(`rm -fa: ${removed.exitCode} ${removed.stderr}`);
  const listed = await world.run("podman", ["ps", "-a", "-q", "--external"]);
  if (listed.exitCode !== 0 || listed.stdout !== "") problems.push(`still listed: ${listed.stdout} ${listed.stderr}`);
  await world.run("podman", ["rmi", "localhost/committed"]);
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

/** `ps` says that it runs if and only if its process is there. */
async function listingProblems(world: World, machine: PrivateMachine): Promise<string[]> {
  const { exitCode, stdout, stderr } = await world.run("podman", ["ps", "-a", "--format", "{{.Names}} {{.State}}"]);
  const lives = (await machine.look()).processes.some((line) => line.endsWith(` ${MARK}`));
  if (exitCode !== 0 || stderr !== "") return [`ps: ${exitCode} ${stderr}`];
  const says = stdout === `${NAME} running`;
  return says === lives ? [] : [`ps says ${JSON.stringify(stdout)}, its process ${lives ? "lives" : "does not live"}`];
}

function machineProblems(now: MachineState, before: MachineState, world: World): string[] {
  const own = (target: string) =>
    (target.startsWith(`${world.directory}/`) || target.startsWith("/run/netns/")) && target !== join(world.graphRoot, "overlay");
  return [
    ...difference("mount", now.mounts.filter(own), before.mounts.filter(own)),
    ...(now.network === before.network ? [] : [`network is\n${now.network}\nand was\n${before.network}`]),
    ...now.processes.filter((line) => !isPause(line)).map((line) => `process ${line}`),
  ];
}

/** The process that holds an ordinary user's namespaces. */
function isPause(line: string): boolean {
  return /catatonit|pause/.test(line);
}

function groups(cgroup: string): string[] {
  return readdirSync("/sys/fs/cgroup").flatMap((controller) => {
    try {
      const path = `/sys/fs/cgroup/${controller}/${cgroup}`;
      return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [`cgroup ${path}/${entry.name}`] : []));
    } catch {
      return [];
    }
  });
}

function difference(what: string, now: readonly string[], before: readonly string[]): string[] {
  const known = new Set(before);
  return now.filter((name) => !known.has(name)).map((name) => `${what} ${name}`);
}

/** All files of the store and the run directories, but databases' companions, and what the next write to the same file takes over. */
function filesOf(world: World): string[] {
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
