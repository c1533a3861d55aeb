import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import { formatOne } from "@containers/common/report/format";
import { isJsonFormat } from "@containers/common/report/json-format";
import { eventFilter } from "../../../events/event-filters.ts";
import type { Event } from "../../../events/event-log.ts";
import { eventJson, eventTemplateData, eventText } from "../../../events/show-event.ts";
import { parsePointInTime } from "../../../system/point-in-time.ts";
import { engineFor } from "../container/targets.ts";

const flags = {
  filter: { type: "stringArray", short: "f", description: "Only events that fit (key=value)" },
  format: { type: "string", description: "Print as JSON or through a Go template" },
  "no-trunc": { type: "bool", default: true, description: "Print ids whole" },
  since: { type: "string", description: "Only events after this time" },
  stream: { type: "bool", default: true, description: "Go on as new events come" },
  until: { type: "string", description: "Only events before this time" },
} as const;

type Values = FlagValues<typeof flags>;

/** `podman events`, `podman system events`. */
export const eventsCommand = defineCommand({
  name: "events",
  summary: "Show podman events",
  description: "Prints what happens to containers, images, pods, volumes, networks and secrets, as it happens.",
  examples: ["podman events", "podman events --filter event=create", "podman events --stream=false --since 1h --format json"],
  flags,
  args: { max: 0 },
  run: (invocation) => events(invocation),
});

async function events(invocation: Invocation<Values>): Promise<undefined> {
  const { flags: values, given, out } = invocation;
  const fits = eventFilter(values.filter);
  const now = Date.now();
  const since = values.since === undefined ? undefined : pointInTime("since", values.since, now);
  const until = values.until === undefined ? undefined : pointInTime("until", values.until, now);
  // Without bounds a stream begins now, and a listing at the start.
  const start = since ?? (values.stream && until === undefined ? now : undefined);
  const print = printer(values, given("format"));
  const log = engineFor(invocation).events;
  if (log.backend === "none") throw new ToolError("unsupported", 'cannot read events with the "none" backend');
  const events = log.read({
    follow: values.stream && (until === undefined || until > now),
    ...(start === undefined ? {} : { since: start }),
    ...(until === undefined ? {} : { until }),
  });
  for await (const event of events) if (fits(event)) out.stdout(print(event));
  return undefined;
}

function printer(values: Values, formatted: boolean): (event: Event) => string {
  const format = values.format ?? "";
  if (!formatted) return (event) => `${eventText(event, !values.noTrunc)}\n`;
  if (isJsonFormat(format)) return (event) => `${eventJson(event)}\n`;
  const options = { name: "events", typeName: "system.Event", mapFields: new Set(["Attributes", "Details.Attributes"]) };
  // A template that is wrong is told at once, not with the first event.
  formatOne(format, eventTemplateData({ type: "system", status: "refresh", time: new Date().toISOString() }), options);
  return (event) => formatOne(format, eventTemplateData(event), options);
}

/** A duration is time before now for `since`, and after now for `until`. */
function pointInTime(flag: "since" | "until", text: string, now: number): number {
  try {
    if (flag === "until" && /^\d[\d.]*[a-zµ]/.test(text)) return now + parseDuration(text);
    return parsePointInTime(text, now);
  } catch {
    throw new ToolError(
      "invalid-argument",
      `failed to parse event filters: unable to convert ${flag} time of ${text}: unable to interpret time value`,
    );
  }
}
