import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { formatOne } from "@containers/common/report/format";
import { isJsonFormat } from "@containers/common/report/json-format";
import { eventFilter } from "../../../events/event-filters.ts";
import type { Event } from "../../../events/event-log.ts";
import { eventWindow } from "../../../events/event-window.ts";
import { eventJson, eventTemplateData, eventText } from "../../../events/show-event.ts";
import { onSide } from "../../on-side.ts";

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
  const window = eventWindow(values);
  const print = printer(values, given("format"));
  await onSide(invocation, {
    local: async ({ events: log }) => {
      if (log.backend === "none") throw new ToolError("unsupported", 'cannot read events with the "none" backend');
      for await (const event of log.read(window)) if (fits(event)) out.stdout(print(event));
    },
    remote: async (service) => {
      const { readEvents } = await import("../../../remote/system/events.ts");
      const { filter: filters, since, until, stream } = values;
      for await (const event of readEvents(service, { filters, since, until, stream })) out.stdout(print(event));
    },
  });
  return undefined;
}

function printer(values: Values, formatted: boolean): (event: Event) => string {
  const format = values.format ?? "";
  if (!formatted) return (event) => `${eventText(event, !values.noTrunc)}\n`;
  if (isJsonFormat(format) || /^\s*\{\{\s*json\s+\.\s*\}\}\s*$/.test(format)) return (event) => `${eventJson(event)}\n`;
  const options = { name: "events", typeName: "system.Event", mapFields: new Set(["Attributes", "Details.Attributes"]) };
  // A template that is wrong is told at once, not with the first event.
  formatOne(format, eventTemplateData({ type: "system", status: "refresh", time: new Date().toISOString() }), options);
  return (event) => formatOne(format, eventTemplateData(event), options);
}
