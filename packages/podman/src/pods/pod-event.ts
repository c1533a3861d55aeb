import type { Event } from "../events/event-log.ts";
import type { PodRecord } from "./pod-record.ts";

/** An event about a pod, with what listeners filter by. */
export function podEvent(pod: PodRecord, status: string): Omit<Event, "time"> {
  return { type: "pod", status, id: pod.id, name: pod.name, ...(Object.keys(pod.labels).length === 0 ? {} : { attributes: pod.labels }) };
}
