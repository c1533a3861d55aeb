/** Now (or the given moment, in milliseconds since the epoch) as RFC 3339 in UTC with nine fraction digits; the clock gives microseconds. */
export function timestamp(at: number = performance.timeOrigin + performance.now()): string {
  const seconds = Math.floor(at / 1000);
  const nanos = Math.min(999_999_999, Math.round((at - seconds * 1000) * 1e6));
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(nanos).padStart(9, "0")}Z`;
}
