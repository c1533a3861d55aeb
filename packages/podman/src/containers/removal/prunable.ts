import type { Engine } from "../../engine/engine.ts";
import { listContainers } from "../listing/list.ts";
import type { ContainerListing } from "../options.ts";

/** What a prune removes: containers that do not run, and fit. Those of a pod go with it. */
export async function prunableContainers(
  engine: Engine,
  filters: Readonly<Record<string, readonly string[]>>,
  options: { readonly size?: boolean } = {},
): Promise<ContainerListing[]> {
  const listed = await listContainers(engine, { all: true, filters, ...options });
  return listed.filter(({ podId, shownStatus }) => podId === "" && ["created", "exited", "stopped"].includes(shownStatus));
}
