import { toJson } from "@containers/common/report/json";
import type { Event } from "./event-log.ts";

/** The event as a line of text, as `podman events` prints it; with `truncate` ids are short. */
export function eventText(event: Event, truncate = false): string {
  const head = `${goTime(event.time)} ${event.type} ${event.status}`;
  const id = truncate ? (event.id ?? "").slice(0, 12) : (event.id ?? "");
  switch (event.type) {
    case "container":
    case "pod":
      return `${head} ${id} (${containerDetails(event)})`;
    case "network":
      if (event.status === "create" || event.status === "remove")
        return `${head} ${event.id ?? ""} (name=${event.network ?? ""}, type=${event.attributes?.driver ?? ""})`;
      return `${head} ${id} (container=${id}, name=${event.network ?? ""})`;
    case "image":
      return `${head} ${id} ${event.name ?? ""}${event.error ? ` ${event.error}` : ""}`;
    case "system":
      return event.name ? `${head} ${event.name}` : head;
    case "secret":
      return `${head} ${id}`;
    default:
      return `${head} ${event.name ?? ""}`;
  }
}

function containerDetails(event: Event): string {
  return [
    `image=${event.image ?? ""}`,
    `name=${event.name ?? ""}`,
    ...(event.podId ? [`pod_id=${event.podId}`] : []),
    ...(event.status === "health_status"
      ? [
          `health_status=${event.healthStatus ?? ""}`,
          `health_failing_streak=${event.healthFailingStreak ?? 0}`,
          `health_log=${event.healthLog ?? ""}`,
        ]
      : []),
    ...Object.entries(event.attributes ?? {}).map(([key, value]) => `${key}=${value}`),
  ].join(", ");
}

/** The event as one line of JSON. Nanoseconds exceed what a number holds, so they are put in as text. */
export function eventJson(event: Event): string {
  const { seconds, nanoseconds } = unixTime(event.time);
  const line = {
    ...(event.containerExitCode === undefined ? {} : { ContainerExitCode: event.containerExitCode }),
    ...(event.id ? { ID: event.id } : {}),
    ...(event.image ? { Image: event.image } : {}),
    ...(event.name ? { Name: event.name } : {}),
    ...(event.network ? { network: event.network } : {}),
    Status: event.status,
    time: seconds,
    timeNano: 0,
    Type: event.type,
    ...(event.healthStatus ? { health_status: event.healthStatus } : {}),
    ...(event.error ? { Error: event.error } : {}),
    ...(event.podId ? { PodID: event.podId } : {}),
    Attributes: event.attributes ?? null,
  };
  return toJson(line, { indent: 0, escapeHtml: true }).replace('"timeNano":0', `"timeNano":${nanoseconds}`);
}

/** The event as the API's clients know it: Docker's message with what libpod adds. */
export function eventMessage(event: Event, options: { readonly docker: boolean }): string {
  const { seconds, nanoseconds } = unixTime(event.time);
  const status = options.docker ? dockerStatus(event) : event.status;
  const exitCode = event.containerExitCode === undefined ? undefined : String(event.containerExitCode);
  const attributes = {
    ...event.attributes,
    ...(exitCode === undefined ? {} : { containerExitCode: exitCode }),
    ...(event.error ? { error: event.error } : {}),
    ...(options.docker && status === "die" && exitCode !== undefined ? { exitCode } : {}),
    image: event.image ?? "",
    name: event.name ?? "",
    ...(event.network ? { network: event.network } : {}),
    podId: event.podId ?? "",
  };
  const message = {
    status,
    ...(event.id ? { id: event.id } : {}),
    ...(event.image ? { from: event.image } : {}),
    Type: event.type,
    Action: status,
    Actor: { ID: event.id ?? "", Attributes: attributes },
    scope: "local",
    time: seconds,
    timeNano: 0,
    ...(event.healthStatus ? { HealthStatus: event.healthStatus } : {}),
  };
  return toJson(message, { indent: 0, escapeHtml: true }).replace('"timeNano":0', `"timeNano":${nanoseconds}`);
}

/** Two deeds have other names with Docker. */
function dockerStatus({ type, status }: Event): string {
  if (type === "image" && status === "remove") return "delete";
  return status === "died" ? "die" : status;
}

/** What `--format` templates see. */
export function eventTemplateData(event: Event): Record<string, unknown> {
  const { seconds, nanoseconds } = unixTime(event.time);
  const details = {
    ContainerInspectData: event.inspectData ?? "",
    PodID: event.podId ?? "",
    Attributes: new Map(Object.entries(event.attributes ?? {})),
  };
  return {
    ContainerExitCode: event.containerExitCode ?? null,
    ID: event.id ?? "",
    Image: event.image ?? "",
    Name: event.name ?? "",
    Network: event.network ?? "",
    Status: event.status,
    Time: seconds,
    TimeNano: nanoseconds,
    Type: event.type,
    HealthStatus: event.healthStatus ?? "",
    Error: event.error ?? "",
    Details: details,
    ...details,
  };
}

/** `2026-11-21 04:46:43.0807 +0000 UTC`, with as many decimals as the time has. */
function goTime(time: string): string {
  const { seconds, fraction } = unixTime(time);
  const whole = new Date(seconds * 1000).toISOString();
  const decimals = fraction.replace(/0+$/, "");
  return `${whole.slice(0, 10)} ${whole.slice(11, 19)}${decimals === "" ? "" : `.${decimals}`} +0000 UTC`;
}

/** `nanoseconds` since the epoch, as text; `fraction` has nine digits. */
function unixTime(time: string): { readonly seconds: number; readonly nanoseconds: string; readonly fraction: string } {
  const fraction = (/\.(\d{1,9})/.exec(time)?.[1] ?? "").padEnd(9, "0");
  const seconds = Math.floor(Date.parse(time) / 1000);
  return { seconds, nanoseconds: `${seconds}${fraction}`, fraction };
}
