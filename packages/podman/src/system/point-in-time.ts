import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";

/**
 * A point in time as filters and `logs --since` take it: RFC 3339, a date, Unix seconds, or a Go duration before now
 * (`ago`) or after it (`ahead`, as `logs --until` has it).
 * @returns milliseconds since the epoch
 * @throws ToolError invalid-argument
 */
export function parsePointInTime(text: string, now: number = Date.now(), direction: "ago" | "ahead" = "ago"): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) {
    // date(1) writes the fraction after a comma.
    const at = Date.parse(text.replace(",", "."));
    if (!Number.isNaN(at)) return at;
  } else {
    try {
      const duration = parseDuration(text);
      return direction === "ago" ? now - duration : now + duration;
    } catch {
      // Told below, with both forms named.
    }
  }
  throw new ToolError("invalid-argument", `failed to parse value as time or duration: ${JSON.stringify(text)}`);
}
