import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";

/** Where an agent for `RUN --mount=type=ssh` comes from: a socket of one that runs, or private keys. */
export type SshSource = { readonly socket: string } | { readonly keys: readonly string[] };

/** `--ssh default|ID[=SOCKET|KEY[,KEY]]`, by id. Throws invalid-argument and not-found. */
export function parseSshSources(flags: readonly string[]): ReadonlyMap<string, SshSource> {
  return new Map(
    flags.map((flag): [string, SshSource] => {
      const equals = flag.indexOf("=");
      if (equals === -1) return [flag, sourceOf([])];
      return [flag.slice(0, equals), sourceOf(flag.slice(equals + 1).split(","))];
    }),
  );
}

function sourceOf(paths: readonly string[]): SshSource {
  const given = paths.filter((path) => path !== "");
  if (given.length === 0) {
    const socket = process.env["SSH_AUTH_SOCK"] ?? "";
    if (socket === "") throw new ToolError("invalid-argument", "SSH_AUTH_SOCK not set in environment");
    return { socket };
  }
  const kinds = given.map((path) => {
    if (!existsSync(path)) throw new ToolError("not-found", `stat ${path}: no such file or directory`);
    return statSync(path).isSocket();
  });
  if (kinds.every((socket) => !socket)) return { keys: given.map((path) => resolve(path)) };
  if (given.length > 1) throw new ToolError("invalid-argument", "only one socket is allowed, and no keys beside it");
  return { socket: resolve(given[0] ?? "") };
}

export interface ForwardedAgent {
  /** Socket for the container. */
  readonly socket: string;
  close(): void;
}

/** Serves the agent on a socket of its own with the owner and mode that the container needs. Close it after the command. */
export async function forwardAgent(
  source: SshSource,
  owner: { readonly uid: number; readonly gid: number; readonly mode: number },
): Promise<ForwardedAgent> {
  // Socket names must be short: the container's own directory may be deep.
  const directory = mkdtempSync(join(tmpdir(), "buildah-ssh"));
  const own = "keys" in source ? await agentWithKeys(source.keys, directory) : { socket: source.socket, close: () => undefined };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const agent = connect(own.socket);
    for (const end of [client, agent]) {
      open.add(end);
      end.on("close", () => open.delete(end));
      end.on("error", () => end.destroy());
    }
    client.pipe(agent).pipe(client);
  });
  const socket = join(directory, "agent.sock");
  const close = (): void => {
    server.close();
    for (const end of open) end.destroy();
    own.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((done, failed) => server.once("error", failed).listen(socket, done));
    chmodSync(socket, owner.mode);
    chownSync(socket, owner.uid, owner.gid);
    chmodSync(directory, 0o711);
  } catch (error) {
    close();
    throw error;
  }
  return { socket, close };
}

/** An agent program of our own that holds the keys. */
async function agentWithKeys(keys: readonly string[], directory: string): Promise<ForwardedAgent> {
  const { run, spawnChild } = await import("@containers/common/process/run");
  const agent = findExecutable("ssh-agent");
  const add = findExecutable("ssh-add");
  if (agent === undefined || add === undefined)
    throw new ToolError("unavailable", "--ssh with keys needs the programs ssh-agent and ssh-add", { hint: "install openssh-client" });
  const socket = join(directory, "keys.sock");
  const child = spawnChild(agent, ["-D", "-a", socket], { stdout: "ignore", stderr: "ignore" });
  const close = (): void => child.kill();
  try {
    await waitForSocket(socket, child);
    const added = await run(add, ["-q", ...keys], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    if (added.exitCode !== 0)
      throw new ToolError("invalid-argument", `loading keys for --ssh: ${added.stderr.toString("utf8").trim()}`, { exitCode: 125 });
  } catch (error) {
    close();
    throw error;
  }
  return { socket, close };
}

async function waitForSocket(path: string, child: { readonly exitCode: number | null }): Promise<void> {
  for (let waited = 0; !existsSync(path); waited += 5) {
    if (child.exitCode !== null || waited > 20_000) throw new ToolError("unavailable", "ssh-agent did not start");
    await new Promise((done) => setTimeout(done, 5));
  }
}
