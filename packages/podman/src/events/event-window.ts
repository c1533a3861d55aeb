import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import { parsePointInTime } from "../system/point-in-time.ts";
import type { EventLog } from "./event-log.ts";

/** What a user asked to see of the past and of what is to come. */
export interface EventWindow {
  /** Times as `--since` and `--until` have them. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Go on as new events come. */
  readonly stream: boolean;
}

/**
 * The window as the log reads it. Without bounds a stream begins now, and a listing at the start.
 * @throws ToolError invalid-argument for what is no time
 */
export function eventWindow(window: EventWindow, now: number = Date.now()): Parameters<EventLog["read"]>[0] {
  const since = window.since === undefined ? undefined : pointInTime("since", window.since, now);
  const until = window.until === undefined ? undefined : pointInTime("until", window.until, now);
  const start = since ?? (window.stream && until === undefined ? now : undefined);
  return {
    follow: window.stream && (until === undefined || until > now),
    ...(start === undefined ? {} : { since: start }),
    ...(until === undefined ? {} : { until }),
  };
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
