import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { SIGTERM } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";
import { errnoCode } from "../sys/sys-error.ts";

/** What a namespace got from pasta or slirp4netns: for its resolv.conf and hosts file. */
export interface UserModeNetwork {
  readonly program: "pasta" | "slirp4netns";
  /** Addresses of the namespace's interfaces: global ones, loopback and link-local IPv6 left out. */
  readonly addresses: readonly string[];
  /** Name servers to be used inside. */
  readonly dnsServers: readonly string[];
  /** Addresses that reach the host from inside. */
  readonly hostAddresses: readonly string[];
  readonly ipv6: boolean;
  /** The process that serves the namespace; it ends with the namespace, or by SIGTERM. */
  readonly pid?: number;
}

/** How long a helper may take to go after SIGTERM, in milliseconds. */
const STOP_PATIENCE = 2000;

/**
 * Ends the pasta or slirp4netns of a namespace and waits until it is gone: only then are its ports free for the next one. The pid alone may
 * have been reused, so its command line must name the namespace; `remove` takes the namespace away, at which it may end by itself.
 */
export async function stopHelper(pid: number, netnsPath: string, remove: () => void, sys: Sys = linuxSys()): Promise<void> {
  // Looked at first: a process that is ending has no command line any more, but still has its ports.
  const isOurs = serves(pid, netnsPath);
  remove();
  if (!isOurs) return;
  try {
    sys.kill(pid, SIGTERM);
  } catch (error) {
    if (errnoCode(error) !== "ESRCH") throw error;
  }
  for (const end = Date.now() + STOP_PATIENCE; isAlive(pid) && Date.now() < end; ) await delay(2);
}

function serves(pid: number, netnsPath: string): boolean {
  return readOf(pid, "cmdline").split("\0").includes(netnsPath);
}

/** A zombie has closed what it had open. */
function isAlive(pid: number): boolean {
  const stat = readOf(pid, "stat");
  return stat !== "" && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
}

/** Empty for a process that is no more. */
function readOf(pid: number, file: "cmdline" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ESRCH" || errnoCode(error) === "ENOENT") return "";
    throw error;
  }
}
