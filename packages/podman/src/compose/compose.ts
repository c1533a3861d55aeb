import { existsSync, mkdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { userPaths } from "@containers/common/fs/xdg-paths";
import { isRootless } from "@containers/common/rootless/rootless";
import { errnoCode } from "@containers/common/sys/sys-error";

/** How long a service of our own may take until it listens, in milliseconds. */
const START_LIMIT = 10_000;
const POLL = 20;
/** Seconds after which the service ends by itself, should we be killed. */
const IDLE_SECONDS = 30;

export interface ComposeOptions {
  readonly provider: string;
  readonly args: readonly string[];
  /** Global flags of podman that the service has to have too. */
  readonly globals: readonly string[];
  /** The service that the user names; default: the one of this machine. */
  readonly url?: string | undefined;
  /** False for what asks nothing of the service, which is not started then. */
  readonly needsService: boolean;
}

/**
 * Runs a compose provider against podman's API. Where nothing listens on the usual socket, a service runs for as long as the
 * provider does, so that no unit has to be set up first.
 *
 * @returns the provider's exit code
 */
export async function runCompose({ provider, args, globals, url, needsService }: ComposeOptions): Promise<number> {
  const named = process.env["DOCKER_HOST"] || url;
  const service = named === undefined && needsService ? await reachService(globals) : undefined;
  const host = named ?? service?.url ?? usualService();
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: "0", DOCKER_CONFIG: process.env["DOCKER_CONFIG"] ?? "" };
  try {
    const child = Bun.spawn({ cmd: [provider, ...args], env, stdio: ["inherit", "inherit", "inherit"] });
    // The terminal's signals reach the provider too; it decides when the work ends.
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    return await child.exited;
  } catch (error) {
    throw new ToolError("unavailable", `executing ${[provider, ...args].join(" ")}`, { cause: notExecuted(provider, error) });
  } finally {
    await service?.end();
  }
}

/** Why the program did not start, in the words that are usual for it. */
function notExecuted(provider: string, error: unknown): unknown {
  const reasons: Readonly<Record<string, string>> = {
    EACCES: "permission denied",
    ENOENT: "no such file or directory",
    ENOEXEC: "exec format error",
  };
  const reason = reasons[errnoCode(error) ?? ""];
  return reason === undefined ? error : new ToolError("unavailable", `fork/exec ${provider}: ${reason}`);
}

interface ReachedService {
  readonly url: string;
  end(): Promise<void>;
}

function serviceDirectory(): string {
  return join(isRootless() ? userPaths().runtimeDir : "/run", "podman");
}

/** Where the service of this machine listens when it is there. */
function usualService(): string {
  return `unix://${join(serviceDirectory(), "podman.sock")}`;
}

async function reachService(globals: readonly string[]): Promise<ReachedService> {
  const usual = join(serviceDirectory(), "podman.sock");
  if (globals.length === 0 && (await listens(usual))) return { url: usualService(), end: async () => undefined };
  // Providers know the service by the name of its socket.
  const path = join(serviceDirectory(), `compose-${process.pid}`, "podman.sock");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const cmd = [process.execPath, ...globals, "system", "service", `--time=${IDLE_SECONDS}`, `unix://${path}`];
  const child = Bun.spawn({ cmd, argv0: "podman", stdio: ["ignore", "ignore", "inherit"] });
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child.exited;
    rmSync(dirname(path), { recursive: true, force: true });
  };
  for (const limit = Date.now() + START_LIMIT; !(await listens(path)); await Bun.sleep(POLL)) {
    if (child.exitCode !== null || Date.now() > limit) {
      await end();
      throw new ToolError("unavailable", "podman's API service did not start", { hint: `try: podman system service unix://${path}` });
    }
  }
  return { url: `unix://${path}`, end };
}

function listens(path: string): Promise<boolean> {
  if (!existsSync(path)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
