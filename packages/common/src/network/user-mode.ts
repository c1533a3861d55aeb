import { readFileSync } from "node:fs";
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

/** Ends the pasta or slirp4netns of a namespace. The pid alone may have been reused, so its command line must name the namespace. */
export function stopHelper(pid: number, netnsPath: string, sys: Sys = linuxSys()): void {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(netnsPath)) sys.kill(pid, SIGTERM);
  } catch (error) {
    // ESRCH, ENOENT: it has ended by itself.
    if (errnoCode(error) !== "ESRCH" && errnoCode(error) !== "ENOENT") throw error;
  }
}
