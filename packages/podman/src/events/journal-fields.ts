import { parseEventLine } from "./event-line.ts";
import type { Event } from "./event-log.ts";
import { eventText } from "./show-event.ts";

/** The journal's fields of an event. */
export function eventFields(event: Event): Record<string, string> {
  const isOfContainer = event.type === "container" || event.type === "pod";
  const optional: Record<string, string | undefined> = {
    PODMAN_NAME: event.name,
    PODMAN_ID: event.id,
    PODMAN_IMAGE: isOfContainer ? (event.image ?? "") : undefined,
    PODMAN_EXIT_CODE: event.containerExitCode?.toString(),
    PODMAN_POD_ID: event.podId,
    PODMAN_LABELS: Object.keys(event.attributes ?? {}).length === 0 ? undefined : JSON.stringify(event.attributes),
    PODMAN_HEALTH_STATUS: event.healthStatus,
    PODMAN_HEALTH_LOG: event.healthLog,
    PODMAN_HEALTH_FAILING_STREAK: event.healthStatus === undefined ? undefined : String(event.healthFailingStreak ?? 0),
    PODMAN_NETWORK_NAME: event.network,
    PODMAN_CONTAINER_INSPECT_DATA: event.inspectData,
    ERROR: event.error,
  };
  return {
    MESSAGE: eventText(event),
    // LOG_NOTICE for health, so that it is seen where units log no less than that.
    PRIORITY: event.healthStatus === undefined ? "6" : "5",
    SYSLOG_IDENTIFIER: "podman",
    PODMAN_EVENT: event.status,
    PODMAN_TYPE: event.type,
    PODMAN_TIME: event.time,
    ...Object.fromEntries(Object.entries(optional).filter((entry): entry is [string, string] => entry[1] !== undefined)),
  };
}

/** The event of a record; undefined for what else podman writes. */
export function eventOfFields(fields: Readonly<Record<string, string>>): Event | undefined {
  const number = (name: string): number | undefined => (/^-?\d+$/.test(fields[name] ?? "") ? Number(fields[name]) : undefined);
  return parseEventLine(
    JSON.stringify({
      Type: fields["PODMAN_TYPE"],
      Status: fields["PODMAN_EVENT"],
      Time: fields["PODMAN_TIME"],
      ID: fields["PODMAN_ID"],
      Name: fields["PODMAN_NAME"],
      Image: fields["PODMAN_IMAGE"] || undefined,
      PodID: fields["PODMAN_POD_ID"],
      network: fields["PODMAN_NETWORK_NAME"],
      health_status: fields["PODMAN_HEALTH_STATUS"],
      health_log: fields["PODMAN_HEALTH_LOG"],
      error: fields["ERROR"],
      ContainerInspectData: fields["PODMAN_CONTAINER_INSPECT_DATA"],
      ContainerExitCode: number("PODMAN_EXIT_CODE"),
      health_failing_streak: number("PODMAN_HEALTH_FAILING_STREAK"),
      Attributes: labels(fields["PODMAN_LABELS"]),
    }),
  );
}

function labels(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
