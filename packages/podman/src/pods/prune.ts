import type { Engine } from "../engine/engine.ts";
import { listPods } from "./list.ts";
import { removePods } from "./remove.ts";
import type { PodReport } from "./report.ts";

/** Removes the pods of which nothing runs and something did. */
export async function prunePods(engine: Engine): Promise<PodReport[]> {
  const stopped = (await listPods(engine)).filter(({ status }) => status === "Stopped" || status === "Exited");
  return removePods(
    engine,
    stopped.map(({ pod }) => pod),
    { force: true },
  );
}
