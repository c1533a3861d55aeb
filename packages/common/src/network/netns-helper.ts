import { openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { ToolError } from "../errors/tool-error.ts";
import { reexecArguments } from "../process/reexec.ts";
import { runSync } from "../process/run.ts";
import { CLONE_NEWNET, CLONE_NEWNS, MS_BIND, MS_PRIVATE, MS_REC } from "../sys/constants.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";

/**
 * The re-entry point for what an ordinary user's process cannot do on its own thread: a thread that has left the host's
 * network namespace may not go back to it, because that namespace belongs to the host's root. A child does the deed and ends.
 */
export const NETNS_ENTRY = "netns";

export const ACCEPT_DAD = "/proc/sys/net/ipv6/conf/default/accept_dad";

/** What can be done in a namespace; each answers text. */
const ACTIONS: Readonly<Record<string, (sys: Sys, args: readonly string[]) => string>> = {
  /** `create PATH`: a new namespace, loopback up, mounted on the existing file. */
  create(sys, [path = ""]) {
    sys.unshare(CLONE_NEWNET);
    sys.setInterfaceUp("lo");
    sys.mount("/proc/thread-self/ns/net", path, "none", MS_BIND, null);
    return "";
  },
  /** `addresses PATH`: the namespace's usable addresses, one a line. */
  addresses(sys, [path = ""]) {
    enter(sys, path);
    return usableAddresses().join("\n");
  },
  /** `accept-dad PATH VALUE`: sets duplicate address detection of new interfaces; answers the old value, or nothing without IPv6. */
  "accept-dad"(sys, [path = "", value = ""]) {
    enter(sys, path);
    return exchange(ACCEPT_DAD, value);
  },
  /** `exec PROGRAM ARG…`: becomes the program in a mount namespace whose changes nobody else sees. */
  exec(sys, [program = "", ...args]) {
    sys.unshare(CLONE_NEWNS);
    sys.mount("", "/", "none", MS_REC | MS_PRIVATE, null);
    const env = Object.entries(process.env).map(([key, value]) => `${key}=${value ?? ""}`);
    return sys.execve(program, [program, ...args], env);
  },
};

/** Runs one action in a child. */
export function netnsAction(action: string, args: readonly string[]): string {
  const self = reexecArguments(NETNS_ENTRY, [action, ...args]);
  const result = runSync(self.file, self.args, { argv0: self.argv0 });
  if (result.exitCode === 0) return result.stdout.toString("utf8");
  throw new ToolError(
    "denied",
    `network namespace: ${action}: ${result.stderr.toString("utf8").trim() || `exit status ${result.exitCode}`}`,
  );
}

/** The re-entry point itself. */
export function runNetnsEntry([action = "", ...args]: readonly string[], sys: Sys = linuxSys()): number {
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (run === undefined) throw new ToolError("invalid-argument", `unknown network namespace action ${action}`);
  try {
    writeSync(1, run(sys, args));
    return 0;
  } catch (error) {
    writeSync(2, error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** Addresses of this thread's namespace, without loopback and link-local IPv6, which need a zone to be of use. */
export function usableAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((one) => !one.internal && !(one.family === "IPv6" && one.address.startsWith("fe80:")))
    .map((one) => one.address);
}

/** Writes a value and answers what was there; nothing where the file does not exist. */
export function exchange(path: string, value: string): string {
  try {
    const before = readFileSync(path, "utf8").trim();
    writeFileSync(path, value);
    return before;
  } catch {
    return "";
  }
}

function enter(sys: Sys, path: string): void {
  sys.setns(openSync(path, "r"), CLONE_NEWNET);
}
