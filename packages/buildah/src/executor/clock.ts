/** Now, as RFC 3339 with nanoseconds in UTC: the form of times in image configs. */
export function timestampNow(): string {
  const milliseconds = performance.timeOrigin + performance.now();
  return formatTimestamp(Math.floor(milliseconds / 1000), Math.floor((milliseconds % 1000) * 1e6));
}

/** RFC 3339 as Go prints it: no trailing zeros in the fraction, none at all when it is zero. */
export function formatTimestamp(seconds: number, nanoseconds = 0): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = nanoseconds === 0 ? "" : `.${String(nanoseconds).padStart(9, "0").replace(/0+$/, "")}`;
  return `${whole}${fraction}Z`;
}
