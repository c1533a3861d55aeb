import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { compileIgnoreRules } from "../../containerfile/ignore-file.ts";
import { type CopyInstruction, parseCopy } from "../../containerfile/instructions/add-copy.ts";
import type { Step } from "../../containerfile/instructions/step.ts";
import { ContentDigest } from "../../copier/content-digest.ts";
import { type CopyRequest, copyInto } from "../../copier/copy-into.ts";
import { resolveOwner } from "../../copier/owner.ts";
import type { Stage } from "../../plan/stages.ts";
import { type BuildContext, sourceRootfs } from "../build-context.ts";
import { flagEnvironment, type StageState } from "../stage-state.ts";
import { warn } from "../warn.ts";

export interface CopyStepInputs {
  readonly context: BuildContext;
  readonly stage: Stage;
  readonly state: StageState;
  readonly mountPoint: string;
}

/** Carries out ADD or COPY; returns what was brought in, for the history: `file:…`, `dir:…`, `multi:…`. */
export async function applyCopyStep(inputs: CopyStepInputs, step: Step): Promise<string> {
  const instruction = parseCopy(step, flagEnvironment(inputs.state), inputs.state.workingDir);
  const digest = new ContentDigest();
  const { options, ports } = inputs.context;
  if (instruction.link && !options.layers) warn(ports, "--link is not supported when building without --layers, ignoring --link");
  if (instruction.files.length > 0) await copyHeredocs(inputs, instruction, digest);
  if (instruction.sources.length > 0) await copySources(inputs, instruction, digest);
  return digest.summary();
}

async function copySources(inputs: CopyStepInputs, instruction: CopyInstruction, digest: ContentDigest): Promise<void> {
  const { context, stage } = inputs;
  const urls = instruction.sources.filter(isRemote);
  if (urls.length > 0) {
    if (!instruction.add) throw new ToolError("invalid-argument", "source can't be a URL for COPY");
    await addUrls(inputs, instruction, { urls, digest });
  }
  const sources = instruction.sources.filter((source) => !urls.includes(source));
  if (sources.length === 0) return;
  if (instruction.checksum !== undefined) throw new ToolError("invalid-argument", "checksum flag is not supported for local sources");
  const fromContext = instruction.from === undefined;
  const sourceRoot =
    instruction.from === undefined ? context.options.contextDirectory : await sourceRootfs(context, stage, instruction.from, "COPY");
  const rules = instruction.excludes.length === 0 && fromContext ? context.rules : combinedRules(context, instruction, fromContext);
  await copyInto(
    context.ports.sys,
    {
      ...target(inputs, instruction),
      sourceRoot,
      sources,
      rules,
      ...(fromContext && context.ignoreFile !== undefined ? { ignoreFile: context.ignoreFile } : {}),
      extract: instruction.add,
      parents: instruction.parents,
    },
    digest,
  );
}

function isRemote(source: string): boolean {
  return /^(https?|git):\/\//.test(source);
}

async function addUrls(
  inputs: CopyStepInputs,
  instruction: CopyInstruction,
  { urls, digest }: { readonly urls: readonly string[]; readonly digest: ContentDigest },
): Promise<void> {
  const { options, ports } = inputs.context;
  const { addRemoteSources } = await import("../../copier/remote-sources.ts");
  const several = urls.length > 1 && !instruction.destination.endsWith("/");
  const request = {
    ...target(inputs, instruction),
    ...(several ? { destination: `${instruction.destination}/` } : {}),
    urls,
    rules: compileIgnoreRules(instruction.excludes),
    parents: false,
    keepGitDir: instruction.keepGitDir,
    ...(instruction.checksum === undefined ? {} : { checksum: instruction.checksum }),
    access: {
      ...(options.retries === undefined ? {} : { retries: options.retries }),
      ...(options.retryDelay === undefined ? {} : { retryDelay: options.retryDelay }),
      ...(ports.images.registry.tlsVerify === undefined ? {} : { tlsVerify: ports.images.registry.tlsVerify }),
      ...(ports.images.registry.certDir === undefined ? {} : { certDir: ports.images.registry.certDir }),
      ...(ports.signal === undefined ? {} : { signal: ports.signal }),
    },
  };
  await addRemoteSources(ports.sys, request, digest);
}

function combinedRules(context: BuildContext, instruction: CopyInstruction, fromContext: boolean): CopyRequest["rules"] {
  const own = fromContext ? context.rules.patterns.map((pattern) => (pattern.exception ? `!${pattern.text}` : pattern.text)) : [];
  // An exclusion stands for the sources of this instruction, wherever they lie in the context.
  const excludes = instruction.excludes.flatMap((exclude) => [exclude, ...instruction.sources.map((source) => join(source, exclude))]);
  return compileIgnoreRules([...own, ...excludes]);
}

/** Bodies written in the Containerfile become files of mode 0644. */
async function copyHeredocs(inputs: CopyStepInputs, instruction: CopyInstruction, digest: ContentDigest): Promise<void> {
  for (const file of instruction.files) {
    const directory = mkdtempSync(join(tmpdir(), "buildah-heredoc"));
    try {
      const name = basename(file.name);
      writeFileSync(join(directory, name), file.data, { mode: 0o644 });
      await copyInto(
        inputs.context.ports.sys,
        {
          ...target(inputs, instruction),
          sourceRoot: directory,
          sources: [name],
          rules: compileIgnoreRules([]),
          extract: instruction.add,
          parents: false,
          ...(instruction.files.length > 1 ? { destination: `${instruction.destination.replace(/\/$/, "")}/` } : {}),
        },
        digest,
      );
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

function target(
  inputs: CopyStepInputs,
  instruction: CopyInstruction,
): Pick<CopyRequest, "targetRoot" | "destination" | "workingDir" | "overrides"> {
  const { context, state, mountPoint } = inputs;
  const fromContext = instruction.from === undefined;
  const owner = instruction.chown === undefined ? (fromContext ? { uid: 0, gid: 0 } : undefined) : ownerOf(inputs, instruction.chown);
  return {
    targetRoot: mountPoint,
    destination: instruction.destination,
    workingDir: state.workingDir,
    overrides: {
      // Files from elsewhere keep their owners and set-id bits; those of the context belong to whoever builds.
      ...(owner === undefined ? {} : { owner }),
      ...(instruction.chmod === undefined ? {} : { mode: Number.parseInt(instruction.chmod, 8) & 0o7777 }),
      stripSetId: fromContext,
    },
  };

  function ownerOf(from: CopyStepInputs, spec: string) {
    try {
      return resolveOwner(context.ports.sys, from.mountPoint, spec);
    } catch (error) {
      throw new ToolError("not-found", `looking up UID/GID for ${JSON.stringify(spec)}`, { cause: error });
    }
  }
}
