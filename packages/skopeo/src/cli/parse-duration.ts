/** Milliseconds of a `duration` flag's value; 0 when it was not given. */
export function parseDuration(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
