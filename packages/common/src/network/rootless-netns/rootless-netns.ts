import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFileAtomic } from "../../fs/atomic-write.ts";
import { signalQuietly } from "../../process/find-processes.ts";
import { reexecArguments } from "../../process/reexec.ts";
import { runHelper } from "../helper-program.ts";
import type { HelperRunner } from "../netavark/invoke.ts";
import { createNetns, isNetns, removeNetns } from "../netns.ts";
import { buildResolvConf } from "../resolv-conf.ts";
import { startUserMode, type UserModeSettings } from "../start-user-mode.ts";
import { stopHelper, type UserModeNetwork } from "../user-mode.ts";
import { findResidents, isUserMode, NOBODY } from "./residents.ts";

/** The re-entry point that enters the namespace and becomes a helper; see enter.ts. */
export const ROOTLESS_NETNS_ENTRY = "rootless-netns-exec";

export interface RootlessNetns {
  /** Runs `fn` with a runner that starts programs inside the namespace, which is made when it is not there. The caller holds the network lock. */
  use<T>(fn: (run: HelperRunner) => Promise<T>): Promise<T>;
  /** Counts networks that a container has joined. The caller holds the network lock. */
  joined(networks: number): void;
  /** The reverse; removes the namespace when nobody uses it any more, whatever the count says: killed commands do not count. */
  left(networks: number): void;
  /** How to start a program inside; the namespace must be in use. */
  command(file: string, args: readonly string[]): { readonly file: string; readonly argv0: string; readonly args: readonly string[] };
  /** What connects the namespace to the host; undefined when it does not exist. */
  info(): UserModeNetwork | undefined;
}

export interface RootlessNetnsSettings extends UserModeSettings {
  /** How many networks containers are joined to in truth; `counted` is what the count says. */
  readonly users: (counted: number) => number;
}

/**
 * The network namespace in which an ordinary user's bridges, firewall rules and aardvark-dns live, connected to the host by
 * pasta or slirp4netns. Its files are those of the original in `runDir`/rootless-netns, so that both share one namespace.
 */
export function rootlessNetns(runDir: string, settings: RootlessNetnsSettings): RootlessNetns {
  const files = filesIn(`${runDir}/rootless-netns`);
  const command: RootlessNetns["command"] = (file, args) => reexecArguments(ROOTLESS_NETNS_ENTRY, [files.directory, file, ...args]);
  const run: HelperRunner = (file, args, options) => {
    const self = command(file, args);
    return runHelper(self.file, self.args, options);
  };
  return {
    command,
    info: () => readInfo(files),
    async use(fn) {
      await ensure(files, settings);
      return fn(run);
    },
    joined: (networks) => void count(files, networks),
    left(networks) {
      if (existsSync(files.directory)) leave(files, networks, settings.users);
    },
  };
}

interface Files {
  readonly directory: string;
  readonly netns: string;
  readonly pid: string;
  readonly count: string;
  readonly info: string;
  readonly resolvConf: string;
}

function filesIn(directory: string): Files {
  return {
    directory,
    netns: `${directory}/rootless-netns`,
    pid: `${directory}/rootless-netns-conn.pid`,
    count: `${directory}/ref-count`,
    info: `${directory}/info.json`,
    resolvConf: `${directory}/resolv.conf`,
  };
}

/** Makes the namespace and connects it. One that is not connected, because pasta has died or the connecting was cut off, is connected again. */
async function ensure(files: Files, settings: UserModeSettings): Promise<void> {
  mkdirSync(files.directory, { recursive: true, mode: 0o700 });
  const present = isNetns(files.netns);
  if (present && isRunning(files.pid) && existsSync(files.resolvConf)) return;
  if (present) for (const pid of findResidents(files.netns).helpers) await stopHelper(pid, files.netns, () => undefined);
  else {
    // Left by a kill between making the file and mounting on it, or by a run-time directory that outlives a reboot.
    rmSync(files.netns, { force: true });
    createNetns(files.netns);
  }
  try {
    const network = await startUserMode(files.netns, { ...settings, ports: [], pidFile: files.pid, socketDir: files.directory });
    if (network.program === "slirp4netns") writeFileSync(files.pid, String(network.pid), { mode: 0o600 });
    writeFileAtomic(files.info, infoText(network), { durable: false });
    const servers = network.dnsServers;
    const resolvConf = buildResolvConf({ host: hostResolvConf(), servers, keepHostServers: true, isolated: true, ipv6: network.ipv6 });
    // Comes last: with it all is there.
    writeFileAtomic(files.resolvConf, resolvConf, { durable: false });
  } catch (error) {
    removeNetns(files.netns);
    throw error;
  }
}

function leave(files: Files, networks: number, usersInTruth: (counted: number) => number): void {
  const counted = count(files, -networks);
  const users = usersInTruth(counted);
  if (users > counted) count(files, users - counted);
  if (users > 0) return;
  // The usual end. All else comes of a kill, or of a session that the original counts.
  const isUsual = counted === 0 && networks > 0 && isRunning(files.pid);
  const { sessions, helpers } = isUsual ? NOBODY : findResidents(files.netns);
  if (sessions.length > 0) return;
  remove(files);
  signalQuietly(helpers, "SIGTERM");
}

/** The reference count after adding `delta`; never below zero. */
function count(files: Files, delta: number): number {
  const before = Number(existsSync(files.count) ? readFileSync(files.count, "utf8") : "0") || 0;
  const after = Math.max(0, before + delta);
  writeFileSync(files.count, String(after), { mode: 0o600 });
  return after;
}

function remove(files: Files): void {
  removeNetns(files.netns);
  const pid = readPid(files.pid);
  if (pid !== undefined && isUserMode(pid)) signalQuietly([pid], "SIGTERM");
  rmSync(files.directory, { recursive: true, force: true });
}

function isRunning(path: string): boolean {
  const pid = readPid(path);
  return pid !== undefined && isUserMode(pid);
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8").trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function hostResolvConf(): string {
  try {
    return readFileSync("/etc/resolv.conf", "utf8");
  } catch {
    return "";
  }
}

/** The original's keys. */
function infoText(network: UserModeNetwork): string {
  return `${JSON.stringify({ IPAddresses: network.addresses, DnsForwardIps: network.dnsServers, MapGuestIps: network.hostAddresses })}\n`;
}

function readInfo(files: Files): UserModeNetwork | undefined {
  if (!isNetns(files.netns)) return undefined;
  try {
    const data = JSON.parse(readFileSync(files.info, "utf8")) as Record<string, unknown>;
    const list = (key: string) => (Array.isArray(data[key]) ? data[key].map(String) : []);
    const addresses = list("IPAddresses");
    return {
      program: "pasta",
      addresses,
      dnsServers: list("DnsForwardIps"),
      hostAddresses: list("MapGuestIps"),
      ipv6: addresses.some((one) => one.includes(":")),
      pid: readPid(files.pid),
    };
  } catch {
    return undefined;
  }
}
