import { ToolError } from "@containers/common/errors/tool-error";
import type { Event } from "./event-log.ts";

export type EventFilter = (event: Event) => boolean;

/**
 * What `--filter key=value` texts want: values of one key are alternatives, and each key must fit.
 * @throws ToolError invalid-argument for a key that there is not
 */
export function eventFilter(texts: readonly string[]): EventFilter {
  const byKey = new Map<string, EventFilter[]>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    const key = equals < 0 ? "" : text.slice(0, equals);
    const filter = equals < 0 ? undefined : oneFilter(key.toLowerCase(), text.slice(equals + 1));
    if (filter === undefined)
      throw new ToolError("invalid-argument", `failed to parse event filters: ${equals < 0 ? text : key} is an invalid filter`);
    byKey.set(key, [...(byKey.get(key) ?? []), filter]);
  }
  return (event) => [...byKey.values()].every((alternatives) => alternatives.some((fits) => fits(event)));
}

function oneFilter(key: string, value: string): EventFilter | undefined {
  switch (key) {
    case "container":
    case "image":
    case "pod":
      return (event) => event.type === key && (event.name === value || (event.id ?? "").startsWith(value));
    case "event":
    case "status":
      return (event) => event.status === (value === "die" ? "died" : value);
    case "volume":
      return (event) => event.type === "volume" && (event.name ?? "").startsWith(value);
    case "type":
      return (event) => event.type === value;
    case "label":
      return (event) => hasLabel(event, value);
    default:
      return undefined;
  }
}

function hasLabel({ attributes = {} }: Event, text: string): boolean {
  const equals = text.indexOf("=");
  if (equals < 0) return attributes[text] !== undefined;
  return attributes[text.slice(0, equals)] === text.slice(equals + 1);
}
