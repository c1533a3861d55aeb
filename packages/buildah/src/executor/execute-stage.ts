import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { parsePlatform } from "@containers/image/local-images/platform";
import type { CommitOptions, CommittedImage } from "../commit/commit.ts";
import { resolveStep, type Step } from "../containerfile/instructions/step.ts";
import type { InstructionNode } from "../containerfile/parser/node.ts";
import { parseContainerfile } from "../containerfile/parser/parse.ts";
import { expandWord } from "../containerfile/words/expand.ts";
import { argumentEnvironment } from "../plan/build-variables.ts";
import { argumentsForStage, findStage, type Stage } from "../plan/stages.ts";
import { loadBase, type WorkingBase } from "../working-container/create.ts";
import { type BuildContext, mountImage, type StageOutcome } from "./build-context.ts";
import { timestampNow } from "./clock.ts";
import { commitOptions } from "./commit-options.ts";
import { createdBy } from "./created-by.ts";
import { formatWarnings } from "./format-warnings.ts";
import { executeLayeredSteps } from "./layered-steps.ts";
import { type StageProgress, stageProgress, stepText } from "./progress.ts";
import { StageContainer } from "./stage-container.ts";
import { type StageState, startState, stepEnvironment } from "./stage-state.ts";
import { applyCopyStep } from "./steps/add-copy.ts";
import { applyConfigStep } from "./steps/config.ts";
import { applyRunStep, mountChecksums } from "./steps/run.ts";

/** One stage while it is built. */
export interface StageRun {
  readonly context: BuildContext;
  readonly stage: Stage;
  readonly state: StageState;
  readonly container: StageContainer;
  readonly instructions: readonly InstructionNode[];
  readonly progress: StageProgress;
  /** The stage that the build is about. */
  readonly last: boolean;
  /** ARG words of this stage so far, for the history. */
  readonly declared: Set<string>;
}

/** Builds one stage: finds its base, carries out its instructions, and makes an image where one is needed. */
export async function executeStage(context: BuildContext, stage: Stage): Promise<StageOutcome> {
  const run = await startStage(context, stage);
  const outcome = await (run.instructions.length === 0
    ? finishEmptyStage(run)
    : context.options.layers
      ? executeLayeredSteps(run)
      : executeSingleLayer(run));
  run.progress.end();
  return outcome;
}

async function startStage(context: BuildContext, stage: Stage): Promise<StageRun> {
  const { options, ports } = context;
  let count = 0;
  const progress = stageProgress(context, stage.index, () => count + 1);
  const earlier = findStage(context.plan.stages.slice(0, stage.index), stage.base);
  const last = stage.index === context.plan.stages.length - 1;
  // The base decides about triggers, and so about the number of steps that the first line shows.
  const announce = () =>
    progress.step(
      `FROM ${stage.platform === undefined ? "" : `--platform=${stage.platform} `}${baseText(context, stage, earlier)}${/^\d+$/.test(stage.name) ? "" : ` AS ${stage.name}`}`,
    );
  count = stage.instructions.length + (options.env.length > 0 ? 1 : 0) + (last && options.labels.length > 0 ? 1 : 0);
  announce();
  const base = await stageBase(context, stage, earlier);
  const instructions = [
    ...base.config.onBuild.flatMap(triggerInstructions),
    ...extraInstructions("ENV", options.env),
    ...stage.instructions,
    ...(last ? extraInstructions("LABEL", options.labels) : []),
  ];
  count = instructions.length;
  const args = argumentsForStage(stage, context.plan.stages, {
    given: options.buildArguments,
    heading: context.plan.heading,
    platform: context.platformArguments,
  });
  const container = new StageContainer(ports.images.store, ports.sys, {
    base: { ...base, config: { ...base.config, onBuild: [] } },
    keep: !options.removeContainers,
    blobCache: ports.images.blobCache,
  });
  // A container whose step failed may be wanted for a look: the original keeps it in a layered build, unless told otherwise.
  context.cleanup.add((failed) => (failed && options.layers && !options.forceRemoveContainers ? container.release() : container.remove()));
  return { context, stage, state: startState(base.config, args, options), container, instructions, progress, last, declared: new Set() };
}

/** The base as the first line of a stage shows it: an earlier stage by its image. */
function baseText(context: BuildContext, stage: Stage, earlier: Stage | undefined): string {
  const built = earlier === undefined ? undefined : context.outcomes.get(earlier.index)?.imageId;
  return built ?? context.options.buildContexts.get(stage.base)?.replace(/^docker-image:\/\//, "") ?? stage.base;
}

async function stageBase(context: BuildContext, stage: Stage, earlier: Stage | undefined): Promise<WorkingBase> {
  const { options, ports } = context;
  const outcome = earlier === undefined ? undefined : context.outcomes.get(earlier.index);
  const platform =
    stage.platform === undefined
      ? context.platform
      : parsePlatform({
          platform: expandWord(
            stage.platform,
            argumentEnvironment(
              argumentsForStage(stage, context.plan.stages, {
                given: options.buildArguments,
                heading: context.platformArguments,
                platform: context.platformArguments,
              }),
            ),
          ),
        });
  const named = options.buildContexts.get(stage.base);
  try {
    return await loadBase(ports.images, {
      from: outcome?.imageId ?? (named?.startsWith("docker-image://") === true ? named.slice("docker-image://".length) : stage.base),
      pull: outcome === undefined ? options.pull : "never",
      ...(options.platform === undefined && stage.platform === undefined ? {} : { platform }),
      format: options.format,
      isolation: options.run.isolation,
      keepAnnotations: outcome !== undefined,
      ...(options.retries === undefined ? {} : { retries: options.retries }),
      ...(options.retryDelay === undefined ? {} : { retryDelay: options.retryDelay }),
    });
  } catch (error) {
    throw wrapError("creating build container", error);
  }
}

function triggerInstructions(trigger: string): readonly InstructionNode[] {
  const { instructions } = parseContainerfile(trigger);
  const refused = instructions.find((node) => ["onbuild", "maintainer", "from"].includes(node.keyword));
  if (refused !== undefined)
    throw new ToolError("invalid-argument", `${refused.keyword.toUpperCase()} isn't allowed as an ONBUILD trigger`);
  return instructions;
}

function extraInstructions(keyword: string, pairs: readonly string[]): readonly InstructionNode[] {
  const words = pairs.flatMap((pair) => {
    const equals = pair.indexOf("=");
    const name = equals === -1 ? pair : pair.slice(0, equals);
    return name === "" ? [] : [`${JSON.stringify(name)}=${JSON.stringify(equals === -1 ? "" : pair.slice(equals + 1))}`];
  });
  return words.length === 0 ? [] : parseContainerfile(`${keyword} ${words.join(" ")}`).instructions;
}

/** FROM alone: the base itself, unless the command line changes it. */
async function finishEmptyStage(run: StageRun): Promise<StageOutcome> {
  const { context, container, state, progress } = run;
  const { options } = context;
  progress.commit();
  const { fromImageId, fromImageDigest } = container.base;
  const changed =
    fromImageId === "" ||
    options.squash ||
    options.sbom !== undefined ||
    options.annotations.length > 0 ||
    options.unsetEnv.length > 0 ||
    options.unsetLabels.length > 0 ||
    options.unsetAnnotations.length > 0 ||
    !options.inheritLabels ||
    !options.inheritAnnotations;
  const image = changed
    ? await commitStage(
        run,
        commitOptions(container.base, state, options, {
          createdBy: "/bin/sh",
          emptyLayer: fromImageId === "",
          squash: options.squash,
          names: imageNames(run),
          final: run.last,
        }),
      )
    : tagImage(run, fromImageId, fromImageDigest);
  progress.image(image.imageId);
  return {
    ...image,
    onlyBase: !changed,
    executed: false,
    rootfs: () => (fromImageId === "" ? container.mount() : mountImage(context, image.imageId)),
  };
}

/** All instructions in one container; one image at the end, if anybody needs it. It always gets a layer, as the original's does. */
async function executeSingleLayer(run: StageRun): Promise<StageOutcome> {
  const { context, container, state, progress, last } = run;
  const { options } = context;
  let note = "";
  for (const [index, node] of run.instructions.entries()) {
    const step = resolveStep(node, stepEnvironment(state));
    progress.step(stepText(node));
    const finalStep = index === run.instructions.length - 1;
    const content = await carryOut(run, node, step);
    note = await stepNote(run, node, { content, last: last && finalStep });
    if (!finalStep) container.addHistory({ created: timestampNow(), createdBy: note, emptyLayer: true });
  }
  if (!last && !isBaseOfLater(run)) return { onlyBase: false, executed: true, rootfs: () => container.mount() };
  progress.commit();
  formatWarnings(context, state);
  const image = await commitStage(run, {
    ...commitOptions(container.base, state, options, {
      createdBy: note,
      emptyLayer: false,
      squash: options.squash,
      names: imageNames(run),
      final: last,
    }),
    report: options.quiet ? undefined : (line) => context.ports.stderr(`${line}\n`),
  });
  progress.image(image.imageId);
  return { ...image, onlyBase: false, executed: true, rootfs: () => container.mount() };
}

/** Makes the stage's image; scanners look at the last one's files before. */
export async function commitStage({ context, container, last }: StageRun, options: CommitOptions): Promise<CommittedImage> {
  const { sbom, run } = context.options;
  if (sbom === undefined || !last) return container.commit(options);
  const { scanContainer } = await import("../sbom/scan.ts");
  return container.scanAndCommit(options, (target) => scanContainer(context.ports, { ...target, settings: run }, sbom));
}

/** Does what one instruction says; returns what ADD and COPY brought in. */
export async function carryOut(run: StageRun, node: InstructionNode, step: Step): Promise<string> {
  const { context, stage, state, container } = run;
  context.ports.signal?.throwIfAborted();
  try {
    if (node.keyword === "add" || node.keyword === "copy")
      return await applyCopyStep({ context, stage, state, mountPoint: container.mount() }, step);
    if (node.keyword === "run") {
      container.ensureWorkingDir(state.workingDir, state.user);
      container.notePulledUp(
        await applyRunStep({ context, stage, state, container: container.open(), mountPoint: container.mount() }, step),
      );
      return "";
    }
    if (node.keyword === "arg") for (const word of node.args) run.declared.add(word);
    if (!applyConfigStep(state, step))
      throw new ToolError("invalid-argument", `Build error: Unknown instruction: ${JSON.stringify(node.keyword.toUpperCase())}`);
    if (!context.options.layers) container.ensureWorkingDir(state.workingDir, state.user);
    return "";
  } catch (error) {
    if (error instanceof ToolError && error.code === "no-such-source") throw error;
    throw wrapError(`building at STEP "${step.message}"`, error);
  }
}

/** The step's text for the history. */
export async function stepNote(
  run: StageRun,
  node: InstructionNode,
  step: { readonly content: string; readonly last: boolean },
): Promise<string> {
  const mountSums = node.keyword === "run" ? await mountChecksums(run.context, run.state, node.flags) : "";
  return createdBy(node, {
    state: run.state,
    options: run.context.options,
    content: step.content,
    last: step.last,
    declared: run.declared,
    mountSums,
  });
}

export function makesLayer(node: InstructionNode): boolean {
  return node.keyword === "add" || node.keyword === "copy" || node.keyword === "run";
}

/** Names for the image of the last stage. */
export function imageNames(run: StageRun): readonly string[] {
  return run.last ? run.context.imageNames : [];
}

/** Gives an image that is there already the build's names. */
export function tagImage(run: StageRun, imageId: string, manifestDigest: string): { imageId: string; manifestDigest: string } {
  const names = imageNames(run);
  if (names.length > 0) run.context.ports.images.store.images.addNames(imageId, names);
  return { imageId, manifestDigest };
}

function isBaseOfLater(run: StageRun): boolean {
  const { plan } = run.context;
  return plan.stages.some(
    (stage) =>
      stage.index > run.stage.index &&
      plan.needed.has(stage.index) &&
      findStage(plan.stages.slice(0, stage.index), stage.base)?.index === run.stage.index,
  );
}
