import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { ToolError } from "../../errors/tool-error.ts";
import { reexecArguments } from "../../process/reexec.ts";
import { O_CLOEXEC, POLLIN, SIGTERM, WNOHANG } from "../../sys/constants.ts";
import { linuxSys } from "../../sys/linux.ts";
import type { Sys } from "../../sys/sys.ts";
import { requireHelper } from "../helper-program.ts";
import { setAcceptDad } from "../netns.ts";
import { NETNS_ENTRY } from "../netns-helper.ts";
import type { PortMapping } from "../port-mapping.ts";
import type { UserModeNetwork } from "../user-mode.ts";
import { forwardPorts } from "./api-socket.ts";
import { parseSlirpOptions, slirpAddresses, slirpArguments } from "./options.ts";

export interface StartSlirpOptions {
  readonly ports?: readonly PortMapping[];
  /** `key=value`, from containers.conf and then the command line. */
  readonly options?: readonly string[];
  /** The program; by default the one that {@link requireHelper} finds. */
  readonly program?: string;
  readonly helperDirs?: readonly string[];
  /** Where the control socket is made for as long as ports are being set up. */
  readonly socketDir: string;
}

const READY_TIMEOUT_MS = 10_000;

/**
 * Connects a namespace to the host's network through slirp4netns(1), the slower fallback for pasta. The process runs until it
 * gets SIGTERM; the caller keeps its pid for {@link stopHelper}.
 */
export function startSlirp(netnsPath: string, options: StartSlirpOptions, sys: Sys = linuxSys()): UserModeNetwork {
  const program = options.program ?? requireHelper("slirp4netns", options.helperDirs);
  const settings = parseSlirpOptions(options.options ?? []);
  const ports = options.ports ?? [];
  const apiSocket = ports.length === 0 ? undefined : socketPath(options.socketDir);
  // Duplicate address detection would keep the IPv6 address unusable for seconds; nobody else can be on this link.
  const dad = settings.ipv6 ? setAcceptDad(netnsPath, "0", sys) : "";
  const pid = launch(sys, program, slirpArguments(settings, netnsPath, apiSocket));
  if (dad !== "") setAcceptDad(netnsPath, dad, sys);
  const { gateway, dns, guest } = slirpAddresses(settings);
  try {
    if (apiSocket !== undefined) forwardPorts(sys, apiSocket, guest, ports);
  } catch (error) {
    sys.kill(pid, SIGTERM);
    sys.waitpid(pid, 0);
    throw error;
  } finally {
    if (apiSocket !== undefined)
      rmSync(dirname(apiSocket) === options.socketDir ? apiSocket : dirname(apiSocket), { recursive: true, force: true });
  }
  return {
    program: "slirp4netns",
    addresses: [guest],
    dnsServers: [dns],
    hostAddresses: settings.allowHostLoopback ? [gateway] : [],
    ipv6: settings.ipv6,
    pid,
  };
}

/** A socket's path holds at most 107 bytes. */
function socketPath(directory: string): string {
  const path = `${directory}/slirp-${process.pid}.sock`;
  return Buffer.byteLength(path) <= 107 ? path : `${mkdtempSync(`${tmpdir()}/slirp-`)}/api.sock`;
}

/** Starts it in a session of its own, so that a terminal's Ctrl-C does not cut a container's network; waits for its ready byte. */
function launch(sys: Sys, program: string, args: readonly string[]): number {
  const log = sys.memfdCreate("slirp4netns");
  const [readyRead, readyWrite] = sys.pipe2(O_CLOEXEC);
  try {
    // Its sandbox unmounts what it sees; without a private mount namespace that would reach our own namespaces' mounts.
    // https://github.com/rootless-containers/slirp4netns/pull/153
    const self = reexecArguments(NETNS_ENTRY, ["exec", program, ...args]);
    const pid = sys.spawn({
      path: self.file,
      argv: [self.argv0, ...self.args],
      env: Object.entries(process.env).map(([key, value]) => `${key}=${value ?? ""}`),
      descriptors: [
        [log, 1],
        [log, 2],
        [readyWrite, 3],
      ],
      newSession: true,
    });
    sys.close(readyWrite);
    const ready =
      sys.poll([{ fd: readyRead, events: POLLIN, revents: 0 }], READY_TIMEOUT_MS) > 0 && sys.read(readyRead, Buffer.alloc(1), 0, 1) === 1;
    if (ready) return pid;
    if (sys.waitpid(pid, WNOHANG) === undefined) sys.kill(pid, SIGTERM);
    throw new ToolError(
      "internal",
      `slirp4netns failed: ${readFileSync(`/proc/self/fd/${log}`, "utf8").trim() || "it was not ready in time"}`,
    );
  } finally {
    sys.close(readyRead);
    sys.close(log);
  }
}
