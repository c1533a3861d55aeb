import type { Event } from "../events/event-log.ts";
import type { ContainerConfig } from "./config.ts";

/** An event about a container, with what listeners filter by. */
export function containerEvent(
  config: ContainerConfig,
  status: string,
  extra: Partial<Event> = {},
): Omit<Event, "time"> & { readonly time?: string } {
  return {
    type: "container",
    status,
    id: config.id,
    name: config.name,
    image: config.imageName,
    ...(config.podId === "" ? {} : { podId: config.podId }),
    attributes: config.labels,
    ...extra,
  };
}
