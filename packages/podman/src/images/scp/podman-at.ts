import { existsSync, fchownSync } from "node:fs";
import { userInfo } from "node:os";
import type { ContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { runSync, spawnChild } from "@containers/common/process/run";
import { findConnection } from "../../remote/destinations.ts";
import { sshCommand, sshHost } from "../../remote/ssh.ts";
import type { ImageLocation } from "./location.ts";

/** A podman somewhere: in this user's name, another's, or on another machine. */
export interface PodmanAt {
  /** The command line that runs podman with these arguments there. */
  command(args: readonly string[]): readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Who has to be able to open the descriptors that the command gets. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

export interface ScpContext {
  readonly config: ContainersConf;
  /** Global flags that this user's own podman is called with. */
  readonly globals: readonly string[];
  warn(message: string): void;
}

/** @throws ToolError not-found for an unknown user; unsupported for a user whom this one may not act for */
export function podmanAt({ host, user }: ImageLocation, context: ScpContext): PodmanAt {
  if (host !== undefined) return onHost(host, context);
  if (user === undefined || user === userInfo().username) return { command: (args) => [process.execPath, ...context.globals, ...args] };
  const entry = lookUp(user);
  if (process.geteuid?.() === 0) return asUser(entry);
  if (entry.uid === 0) return asRoot();
  throw new ToolError("unsupported", `only root can copy images of the user ${user}`, { hint: "run the command as root" });
}

interface PasswordEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

function onHost(host: string, { config, warn }: ScpContext): PodmanAt {
  const known = findConnection(config, host);
  if (known === undefined) {
    warn("Unknown connection name given. Please use system connection add to specify the default remote socket location");
  }
  const uri = known?.URI ?? `ssh://${host}`;
  if (!URL.canParse(uri)) throw new ToolError("invalid-argument", `invalid destination ${JSON.stringify(host)}`);
  const url = new URL(uri);
  if (url.protocol !== "ssh:") throw new ToolError("unsupported", `image scp needs ssh, and ${uri} is not an ssh connection`);
  const target = sshHost(url, known?.Identity, config.engine.sshConfig);
  return { command: (args) => sshCommand(target, ["podman", ...args]) };
}

/** In the user's own environment: nothing of ours, which may name places of ours, is handed on. */
function asUser({ name, uid, gid, home }: PasswordEntry): PodmanAt {
  const setpriv = findExecutable("setpriv");
  if (setpriv === undefined) throw new ToolError("unavailable", "setpriv: program not found", { hint: "install the package util-linux" });
  const runtime = `/run/user/${uid}`;
  return {
    command: (args) => [setpriv, `--reuid=${uid}`, `--regid=${gid}`, "--init-groups", "--", process.execPath, ...args],
    env: {
      HOME: home,
      USER: name,
      LOGNAME: name,
      PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
      ...(existsSync(runtime) ? { XDG_RUNTIME_DIR: runtime } : {}),
    },
    owner: { uid, gid },
  };
}

function asRoot(): PodmanAt {
  const sudo = findExecutable("sudo");
  if (sudo === undefined) throw new ToolError("unavailable", "sudo: program not found", { hint: "run the command as root" });
  return { command: (args) => [sudo, process.execPath, ...args] };
}

/** Asks the system's own look-up, which knows users of directories as well. */
function lookUp(user: string): PasswordEntry {
  const line = runSync("getent", ["passwd", "--", user]).stdout.toString().split("\n")[0] ?? "";
  const [name = "", , uid = "", gid = "", , home = ""] = line.split(":");
  if (name === "") throw new ToolError("not-found", `unknown user ${user}`);
  return { name, uid: Number(uid), gid: Number(gid), home };
}

/**
 * Runs a podman with descriptors for its standard input and output; without one for the output, what it prints is returned.
 *
 * @throws ToolError unavailable when it failed; it has said why on standard error
 */
export async function runPodman(
  at: PodmanAt,
  args: readonly string[],
  descriptors: { readonly input?: number; readonly output?: number } = {},
): Promise<string> {
  const [file = "", ...rest] = at.command(args);
  for (const descriptor of [descriptors.input, descriptors.output])
    if (descriptor !== undefined && at.owner !== undefined) fchownSync(descriptor, at.owner.uid, at.owner.gid);
  const child = spawnChild(file, rest, {
    ...(file === process.execPath ? { argv0: "podman" } : {}),
    ...(at.env === undefined ? {} : { env: at.env, cwd: "/" }),
    stdin: descriptors.input ?? "ignore",
    stdout: descriptors.output ?? "pipe",
  });
  const printed = child.stdout instanceof ReadableStream ? await new Response(child.stdout).text() : "";
  const code = await child.exited;
  if (code !== 0) throw new ToolError("unavailable", `podman ${args.join(" ")} failed with status ${code}`);
  return printed;
}
