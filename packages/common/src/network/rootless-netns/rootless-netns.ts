import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { reexecArguments } from "../../process/reexec.ts";
import { SIGTERM } from "../../sys/constants.ts";
import { linuxSys } from "../../sys/linux.ts";
import { runHelper } from "../helper-program.ts";
import type { HelperRunner } from "../netavark/invoke.ts";
import { createNetns, isNetns, removeNetns } from "../netns.ts";
import { buildResolvConf } from "../resolv-conf.ts";
import { startUserMode, type UserModeSettings } from "../start-user-mode.ts";
import type { UserModeNetwork } from "../user-mode.ts";

/** The re-entry point that enters the namespace and becomes a helper; see enter.ts. */
export const ROOTLESS_NETNS_ENTRY = "rootless-netns-exec";

export interface RootlessNetns {
  /**
   * Runs `fn` with a runner that starts programs inside the namespace, which is made for the first user and removed with the last:
   * `delta` is how many networks are joined (or, negative, left), counted only when `fn` succeeds. The caller holds the network lock.
   */
  use<T>(delta: number, fn: (run: HelperRunner) => Promise<T>): Promise<T>;
  /** How to start a program inside; the namespace must be in use. */
  command(file: string, args: readonly string[]): { readonly file: string; readonly argv0: string; readonly args: readonly string[] };
  /** What connects the namespace to the host; undefined when it does not exist. */
  info(): UserModeNetwork | undefined;
}

/**
 * The network namespace in which an ordinary user's bridges, firewall rules and aardvark-dns live, connected to the host by
 * pasta or slirp4netns. Its files are those of the original in `runDir`/rootless-netns, so that both share one namespace.
 */
export function rootlessNetns(runDir: string, settings: UserModeSettings): RootlessNetns {
  const files = filesIn(`${runDir}/rootless-netns`);
  const command: RootlessNetns["command"] = (file, args) => reexecArguments(ROOTLESS_NETNS_ENTRY, [files.directory, file, ...args]);
  const run: HelperRunner = (file, args, options) => {
    const self = command(file, args);
    return runHelper(self.file, self.args, options);
  };
  return {
    command,
    info: () => readInfo(files),
    async use(delta, fn) {
      const made = await ensure(files, settings);
      try {
        const result = await fn(run);
        if (count(files, delta) === 0) remove(files);
        return result;
      } catch (error) {
        if (made) remove(files);
        throw error;
      }
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

/** True when the namespace was made now. One whose pasta has died is connected again. */
async function ensure(files: Files, settings: UserModeSettings): Promise<boolean> {
  mkdirSync(files.directory, { recursive: true, mode: 0o700 });
  const present = isNetns(files.netns);
  if (present && isRunning(files.pid)) return false;
  if (!present) {
    // Left by a kill between making the file and mounting on it, or by a run-time directory that outlives a reboot.
    rmSync(files.netns, { force: true });
    createNetns(files.netns);
  }
  try {
    const network = await startUserMode(files.netns, { ...settings, ports: [], pidFile: files.pid, socketDir: files.directory });
    if (network.program === "slirp4netns") writeFileSync(files.pid, String(network.pid), { mode: 0o600 });
    writeFileSync(files.info, infoText(network));
    const servers = network.dnsServers;
    writeFileSync(
      files.resolvConf,
      buildResolvConf({ host: hostResolvConf(), servers, keepHostServers: true, isolated: true, ipv6: network.ipv6 }),
    );
  } catch (error) {
    removeNetns(files.netns);
    throw error;
  }
  return !present;
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
  if (pid !== undefined && isUserMode(pid)) linuxSys().kill(pid, SIGTERM);
  rmSync(files.directory, { recursive: true, force: true });
}

function isRunning(path: string): boolean {
  const pid = readPid(path);
  return pid !== undefined && isUserMode(pid);
}

/** A pid file outlives its process: the name tells whether the pid is still that process. */
function isUserMode(pid: number): boolean {
  try {
    return /^(pasta|passt|slirp4netns)/.test(readFileSync(`/proc/${pid}/comm`, "utf8"));
  } catch {
    return false;
  }
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
