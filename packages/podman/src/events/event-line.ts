import type { Event } from "./event-log.ts";

/** An event as the original's log file has it: one JSON object on a line. */
export function formatEventLine(event: Event): string {
  const line = {
    ...(event.containerExitCode === undefined ? {} : { ContainerExitCode: event.containerExitCode }),
    ...(event.id ? { ID: event.id } : {}),
    ...(event.image ? { Image: event.image } : {}),
    ...(event.name ? { Name: event.name } : {}),
    ...(event.network ? { network: event.network } : {}),
    Status: event.status,
    Time: event.time,
    Type: event.type,
    ...(event.healthStatus ? { health_status: event.healthStatus } : {}),
    ...(event.healthLog ? { health_log: event.healthLog } : {}),
    ...(event.healthFailingStreak ? { health_failing_streak: event.healthFailingStreak } : {}),
    ...(event.error ? { error: event.error } : {}),
    ...(event.podId ? { PodID: event.podId } : {}),
    ...(event.inspectData === undefined ? {} : { ContainerInspectData: event.inspectData }),
    Attributes: event.attributes ?? null,
  };
  return `${JSON.stringify(line)}\n`;
}

/** Undefined for a line that is no event: a torn write, or one of a newer release. */
export function parseEventLine(line: string): Event | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(parsed));
  const text = (key: string): string | undefined => {
    const value = fields.get(key);
    return typeof value === "string" ? value : undefined;
  };
  const type = eventType(text("Type"));
  const [status, time] = [text("Status"), text("Time")];
  if (type === undefined || status === undefined || time === undefined) return undefined;
  const exitCode = fields.get("ContainerExitCode");
  const streak = fields.get("health_failing_streak");
  const attributes = fields.get("Attributes");
  const optional = {
    id: text("ID"),
    name: text("Name"),
    image: text("Image"),
    network: text("network"),
    podId: text("PodID"),
    healthStatus: text("health_status"),
    healthLog: text("health_log"),
    error: text("error"),
    inspectData: text("ContainerInspectData"),
  };
  return {
    type,
    status,
    time,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...(typeof exitCode === "number" ? { containerExitCode: exitCode } : {}),
    ...(typeof streak === "number" ? { healthFailingStreak: streak } : {}),
    ...(typeof attributes === "object" && attributes !== null ? { attributes: stringValues(attributes) } : {}),
  };
}

function eventType(text: string | undefined): Event["type"] | undefined {
  switch (text) {
    case "container":
    case "image":
    case "pod":
    case "volume":
    case "network":
    case "secret":
    case "system":
    case "machine":
      return text;
    default:
      return undefined;
  }
}

function stringValues(value: object): Record<string, string> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
}
