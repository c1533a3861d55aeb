import { networkInterfaces } from "node:os";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";
import { withNetns } from "./netns.ts";

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

/** The addresses that can be used in a namespace. */
export function namespaceAddresses(netnsPath: string, sys: Sys = linuxSys()): string[] {
  return withNetns(netnsPath, () => usable(networkInterfaces()), sys);
}

function usable(interfaces: ReturnType<typeof networkInterfaces>): string[] {
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter((one) => !one.internal && !(one.family === "IPv6" && one.address.startsWith("fe80:")))
    .map((one) => one.address);
}
