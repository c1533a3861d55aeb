import type { UnitManager } from "@containers/common/cgroups/systemd-units";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import type { UpdateTask } from "./plan.ts";

/** `true`: updated; `pending`: there is something newer, and this was a dry run; `rolled back`: the new one failed, the old one runs again. */
type UpdateStatus = "true" | "false" | "pending" | "rolled back" | "failed";

export interface UpdateReport {
  readonly task: UpdateTask;
  readonly status: UpdateStatus;
}

export interface UpdateOptions {
  readonly dryRun: boolean;
  /** Goes back to the image of before when a service does not start with the new one. */
  readonly rollback: boolean;
  /** Registries as a task's container wants them reached. */
  readonly imagesFor: (task: UpdateTask) => LocalImages;
  readonly units: Pick<UnitManager, "restart">;
}

/** Updates the containers of one service after the other; one that fails keeps no other from it. */
export async function applyUpdates(
  units: ReadonlyMap<string, readonly UpdateTask[]>,
  options: UpdateOptions,
): Promise<{ readonly reports: readonly UpdateReport[]; readonly errors: readonly Error[] }> {
  const reports: UpdateReport[] = [];
  const errors: Error[] = [];
  // Of several containers of one image, the first one's update is the others'.
  const pulled = new Set<string>();
  for (const [unit, tasks] of units) reports.push(...(await updateUnit({ unit, tasks }, { ...options, pulled, errors })));
  return { reports, errors };
}

type Progress = UpdateOptions & { readonly pulled: Set<string>; readonly errors: Error[] };

async function updateUnit(
  { unit, tasks }: { readonly unit: string; readonly tasks: readonly UpdateTask[] },
  progress: Progress,
): Promise<UpdateReport[]> {
  const reports: UpdateReport[] = [];
  for (const task of tasks) reports.push({ task, status: await updateImage(task, progress) });
  // Nothing new, nothing to restart.
  if (!reports.some(({ status }) => status === "true")) return reports;
  const all = (status: UpdateStatus): UpdateReport[] => tasks.map((task) => ({ task, status }));
  const failure = restart(unit, progress);
  if (failure === undefined) return all("true");
  if (!progress.rollback) {
    progress.errors.push(wrapError(`restarting unit ${unit} during update`, failure));
    return all("failed");
  }
  for (const task of tasks) await rollBack(task, unit, progress);
  const again = restart(unit, progress);
  if (again === undefined) return all("rolled back");
  progress.errors.push(wrapError(`restarting unit ${unit} during rollback`, again));
  return all("failed");
}

/** `true` when there is a newer image here now. */
async function updateImage(task: UpdateTask, progress: Progress): Promise<UpdateStatus> {
  let doing = "checking image updates for";
  try {
    if (!(await isNewerThere(task, progress))) return "false";
    if (progress.dryRun) return "pending";
    doing = "updating image for";
    if (task.policy === "registry") await pull(task, progress);
    return "true";
  } catch (error) {
    progress.errors.push(wrapError(`${doing} container ${task.container.id}`, error));
    return "failed";
  }
}

async function isNewerThere({ container, policy, ...task }: UpdateTask, progress: Progress): Promise<boolean> {
  const { rawImageName, imageId } = container;
  const images = progress.imagesFor({ container, policy, ...task });
  if (policy === "local") {
    const local = resolveLocalImage(images, rawImageName);
    if (local === undefined) throw new ToolError("not-found", `${rawImageName}: image not known`);
    return local.image.id !== imageId;
  }
  if (progress.pulled.has(rawImageName)) return true;
  const used = images.store.images.get(imageId);
  if (used === undefined) throw new ToolError("not-found", `no image found for ID ${imageId}`);
  const [{ differsFromRegistry }, { parseImageName }] = await Promise.all([
    import("@containers/image/local-images/registry-digest"),
    import("@containers/image/transports/register"),
  ]);
  const reference = parseImageName(rawImageName.startsWith("docker://") ? rawImageName : `docker://${rawImageName}`).dockerReference;
  if (reference === undefined) throw new ToolError("invalid-argument", `${rawImageName} is no name of a registry's`);
  return differsFromRegistry(images, used, reference);
}

async function pull(task: UpdateTask, progress: Progress): Promise<void> {
  const { rawImageName } = task.container;
  if (progress.pulled.has(rawImageName)) return;
  const { pullImage } = await import("@containers/image/local-images/pull");
  await pullImage(progress.imagesFor(task), rawImageName, { policy: "always" });
  progress.pulled.add(rawImageName);
}

function restart(unit: string, { units }: Progress): Error | undefined {
  try {
    const result = units.restart(unit);
    return result === "done"
      ? undefined
      : new ToolError("internal", `error restarting systemd unit "${unit}" expected "done" but received "${result}"`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The name is the old image's again. */
async function rollBack(task: UpdateTask, unit: string, progress: Progress): Promise<void> {
  const { container } = task;
  try {
    const { tagImage } = await import("@containers/image/local-images/tag");
    tagImage(progress.imagesFor(task), container.imageId, [container.rawImageName.replace(/^docker:\/\//, "")]);
    progress.pulled.delete(container.rawImageName);
  } catch (error) {
    progress.errors.push(wrapError(`rolling back image for container ${container.id} in unit ${unit}`, error));
  }
}
