import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { run, spawnChild } from "@containers/common/process/run";

/** Another machine, as an ssh:// URL names it. The user's ssh configuration, agent and known hosts apply. */
export interface SshHost {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  readonly identity?: string;
  /** A configuration of ssh's own in the place of the user's. */
  readonly configFile?: string;
}

/** A socket of the other machine under a path of this one. */
export interface ForwardedSocket {
  readonly path: string;
  close(): void;
}

/** How long a login may take before there is an answer. */
const CONNECT_SECONDS = 20;

/** @throws ToolError invalid-argument for a URL without a host, and for one whose parts ssh would take for options */
export function sshHost(uri: URL, identity?: string, configFile?: string): SshHost {
  const user = decodeURIComponent(uri.username);
  const host = uri.hostname.replace(/^\[|\]$/g, "");
  if (host === "") throw new ToolError("invalid-argument", `the URL ${uri.href} names no host`);
  if (host.startsWith("-") || user.startsWith("-")) throw new ToolError("invalid-argument", `invalid host or user in ${uri.href}`);
  return {
    host,
    ...(user === "" ? {} : { user }),
    ...(uri.port === "" ? {} : { port: Number(uri.port) }),
    ...(identity === undefined || identity === "" ? {} : { identity }),
    ...(configFile === undefined || configFile === "" ? {} : { configFile }),
  };
}

/** Runs a command on the other machine and gives what it printed. @throws ToolError unavailable when it failed or could not be reached */
export async function sshRun(host: SshHost, command: readonly string[], input?: Uint8Array): Promise<string> {
  const program = sshProgram();
  const result = await run(program, [...baseArguments(host), destination(host), ...command], input === undefined ? {} : { input });
  if (result.exitCode !== 0) throw refused(host, result.stderr.toString().trim());
  return result.stdout.toString();
}

/** The command line that runs a command on the other machine; its words arrive there as they are here, whatever they hold. */
export function sshCommand(host: SshHost, command: readonly string[]): readonly string[] {
  const quoted = command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return [sshProgram(), ...baseArguments(host), destination(host), ...quoted];
}

/**
 * Makes a socket of the other machine reachable as a socket of this one, until it is closed.
 * @throws ToolError unavailable with what ssh had to say
 */
export async function forwardSocket(host: SshHost, remotePath: string): Promise<ForwardedSocket> {
  const directory = mkdtempSync(`${tmpdir()}/podman-ssh-`);
  const path = `${directory}/s`;
  const forwarding = ["-N", "-T", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindUnlink=yes", "-L", `${path}:${remotePath}`];
  const child = spawnChild(sshProgram(), [...baseArguments(host), ...forwarding, destination(host)], { stdout: "ignore", stderr: "pipe" });
  const close = (): void => {
    child.kill();
    rmSync(directory, { recursive: true, force: true });
  };
  const ended = child.exited.then(() => true);
  for (;;) {
    if (existsSync(path)) return { path, close };
    if (await Promise.race([ended, Bun.sleep(10).then(() => false)])) break;
  }
  const said = child.stderr instanceof ReadableStream ? await new Response(child.stderr).text() : "";
  close();
  throw refused(host, said.trim());
}

function refused(host: SshHost, said: string): ToolError {
  return new ToolError("unavailable", `unable to connect to Podman socket: ssh to ${host.host}: ${said === "" ? "failed" : said}`, {
    code: "ssh",
  });
}

function sshProgram(): string {
  const program = findExecutable("ssh");
  if (program === undefined) throw new ToolError("unavailable", "ssh: program not found", { hint: "install the package openssh-client" });
  return program;
}

/** Nobody is asked anything: there is no terminal for it while a command runs. */
function baseArguments({ port, identity, configFile }: SshHost): string[] {
  return [
    ...(configFile === undefined ? [] : ["-F", configFile]),
    "-o",
    "BatchMode=yes",
    "-o",
    `ConnectTimeout=${CONNECT_SECONDS}`,
    ...(port === undefined ? [] : ["-p", String(port)]),
    ...(identity === undefined ? [] : ["-i", identity, "-o", "IdentitiesOnly=yes"]),
  ];
}

function destination({ host, user }: SshHost): string {
  return user === undefined ? host : `${user}@${host}`;
}
