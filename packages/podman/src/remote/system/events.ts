import type { Event } from "../../events/event-log.ts";
import { filterQuery } from "../images/list.ts";
import { jsonLines, type Service } from "../service.ts";
import { number, record, text, textMap, type Wire } from "../wire.ts";

export interface RemoteEventsOptions {
  readonly filters: readonly string[];
  /** As the user wrote them: the service reads them by its own clock. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly stream: boolean;
}

/** What happens at the service, as it happens. */
export async function* readEvents(service: Service, options: RemoteEventsOptions): AsyncGenerator<Event> {
  const response = await service.request("GET", "/events", {
    query: { filters: filterQuery(options.filters), since: options.since, until: options.until, stream: options.stream },
  });
  for await (const line of jsonLines(response)) yield eventOf(record(line));
}

function eventOf(wire: Wire): Event {
  const actor = record(wire["Actor"]);
  const { name, image, network, podId, containerExitCode, error, ...attributes } = textMap(actor["Attributes"]);
  return {
    type: text(wire["Type"]) as Event["type"],
    status: text(wire["Action"]),
    id: text(actor["ID"]),
    ...(name === undefined ? {} : { name }),
    ...(image === undefined ? {} : { image }),
    ...(network === undefined ? {} : { network }),
    ...(podId === undefined || podId === "" ? {} : { podId }),
    ...(error === undefined ? {} : { error }),
    ...(containerExitCode === undefined ? {} : { containerExitCode: Number(containerExitCode) }),
    ...(text(wire["HealthStatus"]) === "" ? {} : { healthStatus: text(wire["HealthStatus"]) }),
    time: timeOf(number(wire["time"]), text(actor["ID"]) === "" ? 0 : number(wire["timeNano"])),
    attributes,
  };
}

/** Nanoseconds since the epoch are more than a number holds: the last three digits are lost. */
function timeOf(seconds: number, nanoseconds: number): string {
  const fraction = nanoseconds === 0 ? 0 : Math.max(0, Math.round((nanoseconds - seconds * 1e9) / 1000));
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(fraction % 1_000_000).padStart(6, "0")}000Z`;
}
