import type { Engine } from "../engine/engine.ts";
import type { systemUsageDetails } from "./df-details.ts";

/** One line of `podman system df`. Sizes in bytes. */
export interface DiskUsage {
  readonly type: "Images" | "Containers" | "Local Volumes";
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
}

type Details = Awaited<ReturnType<typeof systemUsageDetails>>;

/** What images, containers and volumes take on the disk, and how much of it nobody uses. */
export async function diskUsage(engine: Engine): Promise<DiskUsage[]> {
  const { systemUsageDetails } = await import("./df-details.ts");
  return summarizeUsage(await systemUsageDetails(engine));
}

/** The three lines of `system df` out of what `system df -v` lists. */
export function summarizeUsage({ ImagesSize, Images, Containers, Volumes }: Details): DiskUsage[] {
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  const running = Containers.filter(({ Status }) => Status === "running");
  const written = sum(Containers.map(({ RWSize }) => RWSize));
  // An image has a line for each of its names.
  const used = new Map(Images.filter((image) => image.Containers > 0).map((image) => [image.ImageID, image.UniqueSize]));
  return [
    // As the original counts: what several images share is taken for free even where a container uses one of them.
    { type: "Images", total: Images.length, active: used.size, size: ImagesSize, reclaimable: ImagesSize - sum([...used.values()]) },
    {
      type: "Containers",
      total: Containers.length,
      active: running.length,
      size: written,
      reclaimable: written - sum(running.map(({ RWSize }) => RWSize)),
    },
    {
      type: "Local Volumes",
      total: Volumes.length,
      active: Volumes.filter(({ Links }) => Links > 0).length,
      size: sum(Volumes.map(({ Size }) => Size)),
      reclaimable: sum(Volumes.map(({ ReclaimableSize }) => ReclaimableSize)),
    },
  ];
}
