import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { mkdirAllInRoot, resolveInRoot } from "@containers/common/fs/open-in-root";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import { parseRun, type RunInstruction } from "../../containerfile/instructions/run.ts";
import type { Step } from "../../containerfile/instructions/step.ts";
import { heredocStarts } from "../../containerfile/parser/heredocs.ts";
import { expandWord } from "../../containerfile/words/expand.ts";
import { resolveOwner } from "../../copier/owner.ts";
import type { Stage } from "../../plan/stages.ts";
import { executeRun } from "../../run/execute-run.ts";
import { parseRunMount } from "../../run/mount-flag.ts";
import type { PulledUpDirectory } from "../../run/mount-targets.ts";
import { prepareMounts } from "../../run/mounts.ts";
import { type Closers, writableCopy } from "../../run/overlay-copy.ts";
import type { WorkingContainer } from "../../working-container/record.ts";
import { type BuildContext, sourceRootfs } from "../build-context.ts";
import { pathChecksum } from "../created-by.ts";
import { runPorts } from "../run-ports.ts";
import { flagEnvironment, type StageState } from "../stage-state.ts";

export interface RunStepInputs {
  readonly context: BuildContext;
  readonly stage: Stage;
  readonly state: StageState;
  readonly container: WorkingContainer;
  readonly mountPoint: string;
}

/** Carries out RUN; directories that were copied up for mounts are returned. Fails with the command's exit code. */
export async function applyRunStep(inputs: RunStepInputs, step: Step): Promise<readonly PulledUpDirectory[]> {
  const { context, state, container } = inputs;
  const { ports, options } = context;
  const run = parseRun(step, flagEnvironment(state));
  const directory = mkdtempSync(join(ports.images.store.containers.directory(container.id), "run-"));
  const stdin = openSync("/dev/null", "r");
  // Quiet builds keep what commands print to themselves, but not their complaints.
  const silent = options.quiet ? openSync("/dev/null", "w") : undefined;
  try {
    const script = heredocCommand(run, directory);
    const mounts = await preparedMounts(container.id, run.mounts, {
      sys: ports.sys,
      workingDir: state.workingDir,
      secrets: options.run.secrets ?? new Map(),
      sshSources: options.run.sshSources ?? new Map(),
      owner: mountOwner(inputs),
      directory,
      sourceRoot: (from) => mountSource(inputs, from),
    });
    const preserved = preservedVolumes(inputs, directory);
    try {
      const report = await executeRun(runPorts(ports), {
        container,
        rootfs: inputs.mountPoint,
        directory,
        args: run.shell ? [...(state.shell.length > 0 ? state.shell : ["/bin/sh", "-c"]), ...script.args] : script.args,
        env: [...step.environment, ...mounts.env],
        user: state.user,
        workingDir: state.workingDir,
        mounts: [...mounts.mounts, ...script.mounts, ...preserved.mounts],
        ...networkOf(run),
        settings: options.run,
        stdio: runStdio(ports.stdio ?? [stdin, 1, 2], silent),
        ...(state.hostname === "" ? {} : { hostname: state.hostname }),
      });
      ports.signal?.throwIfAborted();
      if (report.exitCode !== 0) {
        throw new ToolError("invalid-state", `while running runtime: exit status ${report.exitCode}`, {
          exitCode: report.exitCode,
          code: "run-failed",
        });
      }
      return report.pulledUp;
    } finally {
      preserved.close();
      mounts.close();
    }
  } finally {
    closeSync(stdin);
    if (silent !== undefined) closeSync(silent);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function preparedMounts(...[id, flags, inputs]: [id: string, ...Parameters<typeof prepareMounts>]) {
  try {
    return await prepareMounts(flags, inputs);
  } catch (error) {
    throw wrapError(`resolving mountpoints for container ${JSON.stringify(id)}`, error);
  }
}

/** `--compat-volumes`: the command works on a copy of each volume, as in a container of the image so far. */
function preservedVolumes(
  { context, state, mountPoint }: RunStepInputs,
  directory: string,
): { readonly mounts: readonly SpecMount[]; close(): void } {
  const closers: Closers = [];
  const close = (): void => {
    for (const one of closers.reverse()) one();
  };
  if (context.options.compatVolumes !== true) return { mounts: [], close };
  const { sys } = context.ports;
  const mounts = [...state.volumes].map((destination): SpecMount => {
    mkdirAllInRoot(sys, mountPoint, destination);
    const source = writableCopy(resolveInRoot(sys, mountPoint, destination), { sys, directory }, closers);
    return { destination, type: "bind", source, options: ["rbind", "rw", "rprivate"] };
  });
  return { mounts, close };
}

function runStdio([stdin, stdout, stderr]: readonly [number, number, number], silent: number | undefined): [number, number, number] {
  return [stdin, silent ?? stdout, stderr];
}

/** Whom `U` gives a mount to: the user of the command, who may be unknown until it is run. */
function mountOwner({ context, state, mountPoint }: RunStepInputs): { readonly uid: number; readonly gid: number } {
  try {
    return resolveOwner(context.ports.sys, mountPoint, state.user === "" ? "0:0" : state.user);
  } catch {
    return { uid: 0, gid: 0 };
  }
}

function networkOf(run: RunInstruction): { readonly network?: string } {
  if (run.network === undefined || run.network === "default") return {};
  if (run.network === "host" || run.network === "none") return { network: run.network };
  throw new ToolError(
    "invalid-argument",
    `unsupported value ${JSON.stringify(run.network)} for "RUN --network", must be either "host" or "none"`,
  );
}

function mountSource(inputs: RunStepInputs, from: string | undefined): Promise<string> {
  const { context, stage, state } = inputs;
  if (from === undefined) return Promise.resolve(context.options.contextDirectory);
  return sourceRootfs(context, stage, expandWord(from, flagEnvironment(state)), "RUN --mount");
}

interface ScriptCommand {
  readonly args: readonly string[];
  readonly mounts: readonly SpecMount[];
}

/** `RUN <<EOF`: the body is the script, or a program of its own when it starts with `#!`; other here-documents are the shell's. */
function heredocCommand(run: RunInstruction, directory: string): ScriptCommand {
  const [first] = run.files;
  const text = run.command[0] ?? "";
  if (first === undefined || run.command.length !== 1) return { args: run.command, mounts: [] };
  const alone = run.files.length === 1 && heredocStarts(text).length === 1 && /^\d*<<-?\S+$/.test(text.trim());
  if (!alone) return { args: [`${text}${run.files.map((file) => `\n${file.data}\n${file.name}`).join("")}`], mounts: [] };
  if (!first.data.startsWith("#!")) return { args: [first.data], mounts: [] };
  const source = join(directory, "script");
  writeFileSync(source, first.data, { mode: 0o755 });
  const destination = "/dev/pipes/script";
  const interpreter = first.data.slice(2, (first.data.indexOf("\n") + first.data.length + 1) % (first.data.length + 1)).trim();
  return { args: [`${interpreter} ${destination}`], mounts: [{ destination, type: "bind", source, options: ["rbind", "rprivate"] }] };
}

/** What the bind mounts of a RUN hold, for its history entry: a change there must end the cache. */
export async function mountChecksums(context: BuildContext, state: StageState, flags: readonly string[]): Promise<string> {
  let sums = "";
  for (const flag of flags) {
    const expanded = expandWord(flag, flagEnvironment(state));
    if (!expanded.startsWith("--mount=")) continue;
    const mount = parseRunMount(expanded.slice("--mount=".length));
    if (mount.type !== "bind") continue;
    const digest = mount.from === undefined ? undefined : stageDigest(context, mount.from);
    if (mount.from !== undefined && digest === undefined) continue;
    sums += `:${digest ?? (await pathChecksum(context.ports.sys, context.options.contextDirectory, mount.source ?? "."))}`;
  }
  return sums;
}

function stageDigest(context: BuildContext, reference: string): string | undefined {
  const stage = context.plan.stages.find((one) => one.name === reference || String(one.index) === reference);
  return stage === undefined ? undefined : context.outcomes.get(stage.index)?.manifestDigest;
}
