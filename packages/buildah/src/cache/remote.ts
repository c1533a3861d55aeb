import { createHash } from "node:crypto";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { isNameOnly, parseNormalizedName } from "@containers/image/reference/reference";
import { type ImageFormat, MEDIA_TYPES, type WorkingContainer } from "../working-container/record.ts";

/** `--cache-from` and `--cache-to`: repositories, whose tags are the keys of steps. Throws invalid-argument. */
export function parseCacheRepositories(flag: string, names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const refuse = (cause?: unknown): ToolError =>
      new ToolError("invalid-argument", `unable to parse value provided \`[${names.join(" ")}]\` to --${flag}`, { cause });
    try {
      const reference = parseNormalizedName(name);
      if (!isNameOnly(reference)) throw new ToolError("invalid-argument", `repository must contain neither a tag nor digest: ${name}`);
      return reference.toString();
    } catch (error) {
      throw refuse(error);
    }
  });
}

/** What a step and everything below it are, as one digest: the original's, so that builders share their caches. */
export function cacheKey(
  base: Pick<WorkingContainer, "config" | "fromImageId" | "imageManifestText">,
  step: { readonly createdBy: string; readonly addsLayer: boolean; readonly format: ImageFormat },
): string {
  const hash = createHash("sha256");
  const fromImage = base.fromImageId !== "";
  if (fromImage) for (const digest of base.config.diffIds) hash.update(`${digest}\n`);
  hash.update(`${step.addsLayer}${step.createdBy}\n${fromImage ? manifestType(base.imageManifestText, step.format) : ""}\n`);
  for (const entry of fromImage ? base.config.history : []) {
    const lines = [entry.createdBy ?? "", entry.author ?? "", entry.comment ?? "", goTime(entry.created)];
    hash.update(`${lines.join("\n")}\n${entry.emptyLayer}\n`);
  }
  return hash.digest("hex");
}

function manifestType(text: string, format: ImageFormat): string {
  const value: unknown = text === "" ? {} : JSON.parse(text);
  const type = typeof value === "object" && value !== null && "mediaType" in value ? value.mediaType : undefined;
  return typeof type === "string" ? type : MEDIA_TYPES[format].manifest;
}

/** `2026-01-02 03:04:05.6 +0000 UTC` of `2026-01-02T03:04:05.6Z`. */
function goTime(created: string | undefined): string {
  return created === undefined ? "<nil>" : created.replace("T", " ").replace(/Z$/, " +0000 UTC");
}

/** Pulls the image of a step from the first repository that has it; its name, or undefined when none has. */
export async function pullCachedStep(images: LocalImages, repositories: readonly string[], key: string): Promise<string | undefined> {
  const { pullImage } = await import("@containers/image/local-images/pull");
  // What is not in the cache is no news.
  const { progress: _progress, report: _report, ...quiet } = images;
  for (const repository of repositories) {
    try {
      await pullImage(quiet, `docker://${repository}:${key}`, { policy: "newer" });
      return `${repository}:${key}`;
    } catch (error) {
      if (images.signal?.aborted === true) throw error;
    }
  }
  return undefined;
}

/** Pushes the image of a step to every repository. */
export async function pushCachedStep(
  images: LocalImages,
  step: { readonly imageId: string; readonly repositories: readonly string[]; readonly key: string },
): Promise<void> {
  const { pushImage } = await import("@containers/image/local-images/push");
  const { progress: _progress, report: _report, ...quiet } = images;
  for (const repository of step.repositories) {
    const destination = `docker://${repository}:${step.key}`;
    try {
      await pushImage(quiet, step.imageId, destination);
    } catch (error) {
      throw wrapError(`failed pushing cache to ${JSON.stringify(destination)}`, error);
    }
  }
}
