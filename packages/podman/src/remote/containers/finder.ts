import type { ContainerFinder } from "../../containers/listing/finder.ts";
import { exists, getJson, type Service, segment } from "../service.ts";
import { record, text } from "../wire.ts";
import { listContainers } from "./list.ts";

/** Looks containers up at the service. */
export function serviceFinder(service: Service): ContainerFinder {
  return {
    latest: async () => (await listContainers(service, { all: true, last: 1 }))[0]?.id,
    list: (filters) => listContainers(service, { all: true, filters }),
    idOf: (reference) => containerId(service, reference),
  };
}

/** The full id; undefined when there is no such container. */
async function containerId(service: Service, reference: string): Promise<string | undefined> {
  const path = `/containers/${segment(reference)}`;
  if (!(await exists(service, `${path}/exists`))) return undefined;
  return text(record(await getJson(service, `${path}/json`))["Id"]) || undefined;
}
