const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Go's duration: `1h2m3.5s`, `-10ms`, `0`. Returns milliseconds.
 * @throws Error with Go's wording
 */
export function parseDuration(text: string): number {
  const unsigned = text.replace(/^[+-]/, "");
  if (unsigned === "0") return 0;
  if (unsigned === "") throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
  let total = 0;
  let rest = unsigned;
  while (rest !== "") {
    const part = /^([0-9]+\.?[0-9]*|\.[0-9]+)([^0-9.]*)/.exec(rest);
    if (part === null) throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
    const unit = part[2] ?? "";
    if (unit === "") throw new Error(`time: missing unit in duration ${JSON.stringify(text)}`);
    const factor = unitMilliseconds[unit];
    if (factor === undefined) throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    total += Number(part[1]) * factor;
    rest = rest.slice(part[0].length);
  }
  return text.startsWith("-") ? -total : total;
}

/** Milliseconds as Go prints a duration: `1h2m3.5s`, `1.5s`, `10ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  const sign = milliseconds < 0 ? "-" : "";
  const value = Math.abs(milliseconds);
  if (value < 1e-3) return `${sign}${Math.round(value * 1e6)}ns`;
  if (value < 1) return `${sign}${trimNumber(value * 1e3)}µs`;
  if (value < 1000) return `${sign}${trimNumber(value)}ms`;
  const hours = Math.floor(value / 3_600_000);
  const minutes = Math.floor(value / 60_000) % 60;
  const seconds = (value % 60_000) / 1000;
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : "";
  return `${sign}${head}${trimNumber(seconds)}s`;
}

function trimNumber(value: number): string {
  return String(Number(value.toFixed(9)));
}
