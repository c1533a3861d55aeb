import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { buildBaseImage } from "./base-image.ts";
import { childrenOf, type PrivateMachine, startPrivateMachine } from "./private-machine.ts";
import { check, filesOf, groups } from "./random-kill-checks.ts";
import { clear, DEEDS, prepare, rehearse, type Scene, type Traits } from "./random-kill-deeds.ts";
import { createWorld, type World } from "./world.ts";

/** Who is killed: the podman that was called, one that a monitor started, the container's monitor, the OCI runtime, what sets up networks; or the power fails. */
export type Victim = "podman" | "cleanup" | "conmon" | "runtime" | "network" | "power";

export interface KillRound {
  readonly deed: string;
  readonly victim: Victim;
  /** Milliseconds after which the victim is killed, or the first of its kind that shows itself from then on. */
  readonly delay: number;
  readonly traits: Traits;
}

/** A world on a machine of its own, in which things are killed; `check` finds everything that was left. */
export interface KillingField {
  /** Answers whether there was anybody to kill, and what does not hold afterwards, one line each; the world is empty again then. */
  play(round: KillRound): Promise<{ readonly hit: boolean; readonly problems: readonly string[] }>;
  /** After a failure: whatever is left goes by force. */
  reset(): Promise<void>;
  destroy(): Promise<void>;
}

const HANGS_MS = 60_000;

export async function openKillingField(options: { readonly rootless: boolean }): Promise<KillingField> {
  const directory = mkdtempSync(join(tmpdir(), "machine-"));
  const machine = await startPrivateMachine(directory, { ownBootId: !options.rootless });
  const world = await createWorld({ rootless: options.rootless, machine });
  await buildBaseImage(world);
  writeFileSync(join(world.directory, "tmp", "large"), Buffer.alloc(8 * 1024 * 1024, "x"), { mode: 0o644 });
  const cgroup = basename(world.directory);
  const scene = (traits: Traits): Scene => ({ world, traits, cgroup: options.rootless ? undefined : cgroup });
  await rehearse(scene({ network: "none", with: [] }));
  const before = { files: filesOf(world), machine: await machine.look() };
  return {
    async play(round) {
      try {
        const hit = await play(scene(round.traits), round, machine);
        return { hit, problems: await check({ world, machine, cgroup, before }, round.deed) };
      } catch (error) {
        // What could not be prepared: the round before left something after all.
        return { hit: false, problems: [String(error)] };
      }
    },
    async reset() {
      await powerCut(machine, world);
      await clear(world);
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

async function play(scene: Scene, round: KillRound, machine: PrivateMachine): Promise<boolean> {
  const { world } = scene;
  const deed = DEEDS[round.deed];
  if (deed === undefined) throw new Error(`no deed ${round.deed}`);
  await prepare(scene, deed);
  const child = world.spawn("podman", deed.args(scene), { timeout: HANGS_MS });
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
    if (!killed) await Bun.sleep(2);
  }
  await ended;
  return killed;
}

/** What the namespaces do not take with them: cgroups, and the run directories, which a machine keeps in memory. */
async function powerCut(machine: PrivateMachine, world: World): Promise<void> {
  await machine.reboot();
  for (const group of groups(basename(world.directory))) removeGroup(group.replace("cgroup ", ""));
  for (const name of ["run", "xdg"]) {
    const directory = join(world.directory, name);
    for (const entry of readdirSync(directory)) rmSync(join(directory, entry), { recursive: true });
  }
}

/** That of a pod holds others. */
function removeGroup(path: string): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) removeGroup(join(path, entry.name));
  rmdirSync(path);
}

function kill(victim: Exclude<Victim, "power">, caller: number, world: World): boolean {
  // The called one comes behind a chain of programs that only lead into the namespaces.
  for (let at = caller; victim === "podman" && at !== 0; at = childrenOf(at)[0] ?? 0)
    if (basename(argumentsOf(at)[0] ?? "") === "podman") return killQuietly(at);
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const words = argumentsOf(Number(name));
    const program = basename(words[0] ?? "");
    const isOurs = words.some((word) => word.startsWith(`${world.directory}/`));
    const fits = {
      runtime: (program === "crun" || program === "runc") && isOfWorld(name, world),
      network: (program === "netavark" || program === "pasta") && (isOurs || isOfWorld(name, world)),
      conmon: program === "conmon" && isOurs,
      cleanup: program === "podman" && isOurs && (words.includes("cleanup") || words.includes("healthcheck")),
      podman: false,
    };
    if (fits[victim]) return killQuietly(Number(name));
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
