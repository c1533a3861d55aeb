import { splitShellWords } from "@containers/common/cli/shell-words";
import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { reexecArguments } from "@containers/common/process/reexec";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import type { Container } from "../config.ts";
import { startProbe } from "../health/probe.ts";
import { refreshLocked } from "../lifecycle/refresh.ts";
import { NOT_RUN } from "./ps-entries.ts";

/**
 * What ps(1) prints in a running container: the host's ps, which then sees the container's processes alone, or the container's own where that
 * is not to be had. Of ps itself nothing is said.
 *
 * @throws invalid-state; invalid-argument with what ps said
 */
export async function runPs(engine: Engine, reference: string, words: readonly string[]): Promise<string> {
  const args = words.length === 1 ? splitShellWords(words[0] ?? "") : words;
  const found = resolveContainer(engine, reference);
  const container = await withContainerLock(engine, found.config.id, (stale) => refreshLocked(engine, stale));
  if (container.state.status !== "running")
    throw new ToolError("invalid-state", "top can only be used on running containers", { code: "not-running" });
  const text = hostPs(container, args) ?? (await ownPs(engine, container, args));
  const [heading = "", ...lines] = text.split("\n");
  const command = words.join(" ");
  return [heading, ...lines.filter((line) => !line.includes(command))].join("\n");
}

/** Undefined where the host's ps is not there, cannot be run there, or would be open to the container's processes. */
function hostPs({ config, state }: Container, args: readonly string[]): string | undefined {
  const program = findExecutable("ps");
  if (program === undefined || config.security.privileged === true || config.capabilities.includes("CAP_SYS_PTRACE")) return undefined;
  const { file, argv0, args: entry } = reexecArguments("ps-enter", [String(state.pid), program, ...args]);
  const { HOME = "/" } = process.env;
  const env = { HOME, BUN_JSC_useConcurrentJIT: "0" };
  const { exitCode, stdout, stderr } = Bun.spawnSync({
    cmd: [file, ...entry],
    argv0,
    env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  if (exitCode === NOT_RUN) return undefined;
  if (exitCode !== 0) throw psFailed(exitCode, stderr.toString());
  return stdout.toString();
}

async function ownPs(engine: Engine, { config }: Container, args: readonly string[]): Promise<string> {
  // A list may be separated by spaces, which not every ps takes.
  const command = ["ps", ...args.map((word) => word.trim().replace(/\s+/g, ","))];
  const probe = await withContainerLock(engine, config.id, async (stale) =>
    startProbe(engine, await refreshLocked(engine, stale), { command, timeout: 0, maxOutput: 0 }),
  );
  const { exitCode, output } = await probe.result();
  if (exitCode !== 0) throw psFailed(exitCode, output);
  return output;
}

function psFailed(exitCode: number, said: string): ToolError {
  return new ToolError("invalid-argument", `ps(1) failed with exit code ${exitCode}: ${said.trim()}`);
}
