import { ToolError } from "@containers/common/errors/tool-error";

const unit: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * The point in time that `until=` names: a Go duration before now (`10m`, `1h30m`), seconds since 1970, or an RFC 3339 date or
 * time, whose missing parts are zero and whose missing zone is the local one.
 *
 * @returns milliseconds since 1970
 * @throws invalid-argument
 */
export function parseUntil(value: string, now = Date.now()): number {
  const duration = parseDuration(value);
  if (duration !== undefined) return now - duration;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(value);
  if (date !== null) {
    const [, day = "", time = "00", zone = ""] = date;
    const full = `${time}${time.includes(":") ? "" : ":00"}`;
    const parsed = Date.parse(`${day}T${full}${zone}`);
    if (!Number.isNaN(parsed)) return parsed;
  }
  throw new ToolError("invalid-argument", `failed to parse value as time or duration: "${value}"`);
}

/** Milliseconds, or undefined when the text is no Go duration. */
function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text);
  if (match === null) return undefined;
  let total = 0;
  for (const [, amount, name] of (match[2] ?? "").matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g))
    total += Number(amount) * (unit[name ?? ""] ?? 0);
  return match[1] === "-" ? -total : total;
}
