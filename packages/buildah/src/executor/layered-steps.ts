import { findCachedStep } from "../cache/lookup.ts";
import { resolveStep } from "../containerfile/instructions/step.ts";
import type { InstructionNode } from "../containerfile/parser/node.ts";
import { parseRunMount } from "../run/mount-flag.ts";
import { loadBase } from "../working-container/create.ts";
import { mountImage, type StageOutcome } from "./build-context.ts";
import { commitOptions } from "./commit-options.ts";
import { carryOut, commitStage, imageNames, makesLayer, type StageRun, stepNote, tagImage } from "./execute-stage.ts";
import { formatWarnings } from "./format-warnings.ts";
import { stepText } from "./progress.ts";
import { stepEnvironment } from "./stage-state.ts";

interface StepImage {
  readonly imageId: string;
  readonly manifestDigest: string;
}

/** Each instruction becomes an image; one that an earlier build made the same way is used again. */
export async function executeLayeredSteps(run: StageRun): Promise<StageOutcome> {
  const { context, container, progress } = run;
  let mayUseCache = !context.options.noCache;
  let executed = false;
  let image: StepImage = { imageId: "", manifestDigest: "" };
  for (const [index, node] of run.instructions.entries()) {
    const step = resolveStep(node, stepEnvironment(run.state));
    progress.step(stepText(node));
    const finalStep = index === run.instructions.length - 1;
    const tried = await tryStep(run, node, { step, finalStep, mayUseCache });
    if (!tried.cached) {
      mayUseCache = false;
      executed = true;
    }
    image = tried.image;
    if (finalStep && run.last && commitsAgain(run)) {
      if (tried.cached) progress.commit();
      image = await commitOnceMore(run, image, tried.note);
    }
    progress.image(image.imageId);
    if (!finalStep) await moveOnto(run, image.imageId, !makesLayer(node));
  }
  container.remove();
  return { ...image, onlyBase: false, executed, rootfs: () => mountImage(context, image.imageId) };
}

/** The last image is not that of the last step: it is squashed, or scanners look at it. */
function commitsAgain({ context: { options } }: StageRun): boolean {
  return options.squash || options.sbom !== undefined;
}

interface StepTry {
  readonly step: ReturnType<typeof resolveStep>;
  readonly finalStep: boolean;
  readonly mayUseCache: boolean;
}

async function tryStep(
  run: StageRun,
  node: InstructionNode,
  attempt: StepTry,
): Promise<{ image: StepImage; cached: boolean; note: string }> {
  const { context, container, state, progress, last } = run;
  const { options } = context;
  const final = last && attempt.finalStep;
  const layer = makesLayer(node);
  // What RUN does can only be known by doing it, so its cache is asked first; the others are carried out in any case.
  let content = node.keyword === "run" ? undefined : await carryOut(run, node, attempt.step);
  const note = await stepNote(run, node, { content: content ?? "", last: final });
  const useCache = attempt.mayUseCache && !mountsFreshStage(run, node);
  const found = await findStep(run, { createdBy: note, addsLayer: layer, useCache });
  const { cached } = found;
  if (cached !== undefined) {
    progress.cacheHit(cached);
    const named = attempt.finalStep && !(commitsAgain(run) && last);
    if (named && options.tags.length > 0) progress.commit();
    if (!found.pulled) await pushStep(run, cached, found.key);
    const image = named ? tagImage(run, cached, digestOf(run, cached)) : { imageId: cached, manifestDigest: digestOf(run, cached) };
    return { image, cached: true, note };
  }
  content ??= await carryOut(run, node, attempt.step);
  if (layer && node.keyword !== "run") container.ensureWorkingDir(state.workingDir, state.user);
  if (attempt.finalStep) progress.commit();
  formatWarnings(context, state);
  const names = attempt.finalStep && !commitsAgain(run) ? imageNames(run) : [];
  const image = await container.commit(
    commitOptions(container.base, state, options, { createdBy: note, emptyLayer: !layer, squash: false, names, final }),
  );
  await pushStep(run, image.imageId, found.key);
  return { image, cached: false, note };
}

interface FoundStep {
  readonly cached?: string;
  /** Only when there are repositories to look in or to push to. */
  readonly key?: string;
  /** It came from a repository: it need not go there. */
  readonly pulled: boolean;
}

/** Looks for the step in the store, then in the repositories. */
async function findStep(
  run: StageRun,
  step: { readonly createdBy: string; readonly addsLayer: boolean; readonly useCache: boolean },
): Promise<FoundStep> {
  const { context, container, progress } = run;
  const { options, platform, ports } = context;
  const { cacheFrom = [], cacheTo = [] } = options;
  const question = {
    createdBy: step.createdBy,
    addsLayer: step.addsLayer,
    format: options.format,
    architecture: platform.architecture,
    os: platform.os,
    ...(options.cacheTtl === undefined ? {} : { maximalAge: options.cacheTtl }),
  };
  const lookUp = () => (step.useCache ? findCachedStep(ports.images.store, container.base, question) : undefined);
  const local = lookUp();
  const remote = step.useCache && cacheFrom.length > 0;
  if (!remote && cacheTo.length === 0) return { ...(local === undefined ? {} : { cached: local }), pulled: false };
  const { cacheKey, pullCachedStep } = await import("../cache/remote.ts");
  const key = cacheKey(container.base, question);
  if (local !== undefined || !remote) return { ...(local === undefined ? {} : { cached: local }), key, pulled: false };
  const name = await pullCachedStep(ports.images, cacheFrom, key);
  if (name === undefined) return { key, pulled: false };
  progress.cachePulled(name);
  const cached = lookUp();
  return cached === undefined ? { key, pulled: false } : { cached, key, pulled: true };
}

async function pushStep({ context, progress }: StageRun, imageId: string, key: string | undefined): Promise<void> {
  const { cacheTo: repositories = [] } = context.options;
  if (repositories.length === 0 || key === undefined) return;
  const { pushCachedStep } = await import("../cache/remote.ts");
  progress.cachePushed(repositories, key);
  await pushCachedStep(context.ports.images, { imageId, repositories, key });
}

async function commitOnceMore(run: StageRun, image: StepImage, note: string): Promise<StepImage> {
  const { context, container, state } = run;
  const { squash } = context.options;
  await moveOnto(run, image.imageId, false);
  return commitStage(run, {
    ...commitOptions(container.base, state, context.options, {
      createdBy: note,
      emptyLayer: !squash,
      squash,
      names: imageNames(run),
      final: true,
    }),
    withoutEntry: !squash,
  });
}

/** The next step starts from the image just made or found. */
async function moveOnto(run: StageRun, imageId: string, keepFiles: boolean): Promise<void> {
  const { context, container } = run;
  const base = await loadBase(context.ports.images, {
    from: imageId,
    pull: "never",
    format: context.options.format,
    isolation: context.options.run.isolation,
    keepAnnotations: true,
  });
  container.rebase(base, keepFiles);
}

function digestOf(run: StageRun, imageId: string): string {
  return run.context.ports.images.store.images.get(imageId)?.digest ?? "";
}

/** A RUN that mounts files of a stage which was just built anew must run anew as well. */
function mountsFreshStage(run: StageRun, node: InstructionNode): boolean {
  return node.flags.some((flag) => {
    if (!flag.startsWith("--mount=")) return false;
    const { from } = parseRunMount(flag.slice("--mount=".length));
    const stage = from === undefined ? undefined : run.context.plan.stages.find((one) => one.name === from || String(one.index) === from);
    return stage !== undefined && run.context.outcomes.get(stage.index)?.executed === true;
  });
}
