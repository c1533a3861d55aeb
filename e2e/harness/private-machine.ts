import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { runCommand } from "./run-command.ts";

/** Namespaces of its own for what a test runs: mounts, network and processes. What is left in them was leaked by nobody else. */
export interface PrivateMachine {
  /** Words before a command, so that it runs there. */
  readonly enter: readonly string[];
  /** Mount points, network links and namespaces, firewall rules, sockets and processes that are there now. */
  look(): Promise<MachineState>;
  /** Ends every process, loses every mount, and comes up anew with another boot id, as after a power cut. */
  reboot(): Promise<void>;
  destroy(): Promise<void>;
}

export interface MachineState {
  readonly mounts: readonly string[];
  readonly network: string;
  readonly processes: readonly { readonly pid: number; readonly command: string; readonly contained: boolean }[];
}

/** Prepares the machine, then stays as its first process, which also collects what has lost its parent. */
const BOOT = `set -e
[ ! -e "$1/boot_id" ] || mount --bind "$1/boot_id" /proc/sys/kernel/random/boot_id
umount -l /run/netns/* 2>/dev/null || true
for d in /run/netns /run/crun /run/runc /run/lock /run/containers; do mkdir -p $d; mount -t tmpfs tmpfs $d; done
ip link set lo up; ip link add uplink type veth peer name beyond; ip addr add 10.253.0.2/24 dev uplink; ip link set beyond up; ip link set uplink up; ip route add default via 10.253.0.1
echo ready >"$1/ready"
while :; do sleep 1000; done`;

/**
 * `directory` is the caller's, for a few files. Needs root. Without `ownBootId` the boot id stays that of the real machine: with a mount in it, /proc could not be
 * mounted by the containers of ordinary users.
 */
export async function startPrivateMachine(directory: string, options: { readonly ownBootId: boolean }): Promise<PrivateMachine> {
  const boot = () => bootMachine(directory, options.ownBootId);
  let first = await boot();
  return {
    get enter() {
      return ["nsenter", "-t", String(first.pid), "-m", "-n", "-p", "--"];
    },
    look: () => look(first.pid),
    async reboot() {
      await first.end();
      first = await boot();
    },
    destroy: () => first.end(),
  };
}

async function bootMachine(directory: string, ownBootId: boolean): Promise<{ readonly pid: number; end(): Promise<void> }> {
  if (ownBootId) writeFileSync(join(directory, "boot_id"), `${randomUUID()}\n`);
  writeFileSync(join(directory, "ready"), "");
  const starter = spawn(
    "unshare",
    ["-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "sh", "-c", BOOT, "sh", directory],
    { stdio: "ignore" },
  );
  const ended = new Promise<void>((resolve) => starter.on("close", () => resolve()));
  await eventually(() => readFileSync(join(directory, "ready"), "utf8") !== "", "a machine of its own");
  const [pid] = childrenOf(starter.pid ?? 0);
  if (pid === undefined) throw new Error("the private machine has no first process");
  return {
    pid,
    async end() {
      process.kill(pid, "SIGKILL");
      await ended;
    },
  };
}

/** Children of all of a process's threads. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

async function look(first: number): Promise<MachineState> {
  const mounts = readFileSync(`/proc/${first}/mountinfo`, "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  const script =
    "ip -o link | awk '{print $2}'; ls /run/netns; nft list ruleset 2>/dev/null | grep -E 'dport|10\\.8[0-9]\\.|nv_' | sed 's/packets [0-9]* bytes [0-9]*//'; ss -Hlntu 2>/dev/null | awk '{print $5}'";
  const network = await runCommand("nsenter", ["-t", String(first), "-m", "-n", "--", "sh", "-c", script]);
  return { mounts: mounts.filter(Boolean).sort(), network: network.stdout, processes: processesOf(first) };
}

/** The processes in the pid namespace of `first` and, contained, in those below it, but for its own sleep. */
function processesOf(first: number): MachineState["processes"] {
  const own = new Set([first, ...childrenOf(first).filter((pid) => commandLine(pid) === "sleep 1000")]);
  const namespace = link(`/proc/${first}/ns/mnt`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && !own.has(Number(name)))
    .map(Number)
    .filter((pid) => link(`/proc/${pid}/ns/mnt`) === namespace || nestedPids(pid) > 1)
    .filter((pid) => isBelow(pid, first))
    .map((pid) => ({ pid, command: commandLine(pid), contained: nestedPids(pid) > nestedPids(first) }));
}

/** In how many pid namespaces a process has a number. */
function nestedPids(pid: number): number {
  return /^NSpid:\s+(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1]?.split(/\s+/).length ?? 0;
}

function isBelow(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; at = Number(/^PPid:\s+(\d+)$/m.exec(read(`/proc/${at}/status`))?.[1] ?? 0)) if (at === ancestor) return true;
  return false;
}

function commandLine(pid: number): string {
  const words = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  return words === "" ? `(${read(`/proc/${pid}/comm`).trim()})` : words;
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
