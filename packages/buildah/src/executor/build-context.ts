import { ToolError } from "@containers/common/errors/tool-error";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import type { IgnoreRules } from "../containerfile/ignore-file.ts";
import type { Platform } from "../plan/build-variables.ts";
import type { BuildPlan, Stage } from "../plan/stages.ts";
import { findStage } from "../plan/stages.ts";
import type { BuildOptions, BuildPorts } from "./build-options.ts";

/** What one stage left behind for the ones after it. */
export interface StageOutcome {
  /** Undefined when the stage was not made an image of: only its files are used. */
  readonly imageId?: string;
  readonly manifestDigest?: string;
  /** The image is the base itself: nothing was made. */
  readonly onlyBase: boolean;
  /** Some step was carried out rather than taken from the cache. */
  readonly executed: boolean;
  /** Mount point of its files, mounted when first asked for. */
  rootfs(): string;
}

/** One build: its inputs, and what it has made so far. */
export interface BuildContext {
  readonly ports: BuildPorts;
  readonly options: BuildOptions;
  readonly plan: BuildPlan;
  readonly platform: Platform;
  readonly platformArguments: ReadonlyMap<string, string>;
  readonly rules: IgnoreRules;
  readonly ignoreFile: string | undefined;
  /** The full name that the last stage's image is committed under; further ones are added at the end. */
  readonly imageNames: readonly string[];
  /** By stage index. */
  readonly outcomes: Map<number, StageOutcome>;
  /** Mount points of images that COPY --from and RUN --mount use, by name. */
  readonly imageMounts: Map<string, string>;
  readonly cleanup: CleanupList;
}

/** What must be undone at the end, in reverse order; a failure does not stop the rest. */
export class CleanupList {
  private readonly steps: Array<(failed: boolean) => void> = [];

  add(step: (failed: boolean) => void): void {
    this.steps.push(step);
  }

  /** Undoes everything, told whether the build failed; the first failure, after everything was tried. */
  run(failed: boolean): unknown {
    let failure: unknown;
    for (const step of this.steps.splice(0).reverse()) {
      try {
        step(failed);
      } catch (error) {
        failure ??= error;
      }
    }
    return failure;
  }
}

/** Directory with the files that `--from=reference` means: a build context, an earlier stage, or an image (pulled when needed). */
export async function sourceRootfs(context: BuildContext, stage: Stage, reference: string, subject: string): Promise<string> {
  const named = context.options.buildContexts.get(reference);
  if (named !== undefined && !named.startsWith("docker-image://")) return named;
  const earlier = named === undefined ? findStage(context.plan.stages.slice(0, stage.index), reference) : undefined;
  if (earlier !== undefined) {
    const outcome = context.outcomes.get(earlier.index);
    if (outcome === undefined) throw new ToolError("invalid-argument", `the stage ${JSON.stringify(reference)} has not been built`);
    return outcome.rootfs();
  }
  const image = named?.slice("docker-image://".length) ?? reference;
  const present = context.imageMounts.get(image);
  if (present !== undefined) return present;
  try {
    const mounted = mountImage(context, await findImage(context, image));
    context.imageMounts.set(image, mounted);
    return mounted;
  } catch (error) {
    throw new ToolError("not-found", `${subject} --from=${reference}: no stage or image found with that name`, {
      cause: error,
      code: "no-such-source",
    });
  }
}

async function findImage(context: BuildContext, name: string): Promise<string> {
  const { ports, options } = context;
  const local =
    options.pull === "missing" || options.pull === "never"
      ? resolveLocalImage(ports.images, name, { platform: context.platform })
      : undefined;
  if (local !== undefined) return local.image.id;
  const { pullImage } = await import("@containers/image/local-images/pull");
  return (await pullImage(ports.images, name, { policy: options.pull, platform: context.platform })).id;
}

/** Mounts an image's files read-only until the end of the build. */
export function mountImage(context: BuildContext, imageId: string): string {
  const { store } = context.ports.images;
  const layer = store.images.get(imageId)?.layer;
  if (layer === undefined) throw new ToolError("invalid-state", `image ${imageId} has no files`);
  const mountPoint = store.layers.mount(layer, { readOnly: true });
  context.cleanup.add(() => void store.layers.unmount(layer));
  return mountPoint;
}
