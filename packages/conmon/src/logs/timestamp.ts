import type { MonitorSys } from "@containers/common/sys/sys";

/** Length of what {@link LogClock.stamp} writes: `2026-01-31T12:00:00.123456789+01:00`. */
export const STAMP_LENGTH = 35;
const FRACTION_END = 29;
const DIGITS = 9;
const ZERO = 48;

/**
 * RFC 3339 local time with nanoseconds and a numeric offset, `+00:00` for UTC. What a second has in common is made once a second, and the rest digit by
 * digit: a stamp leaves nothing behind for the garbage collector.
 */
export class LogClock {
  readonly #sys: MonitorSys;
  readonly #text = Buffer.alloc(STAMP_LENGTH);
  #second = Number.NaN;

  constructor(sys: MonitorSys) {
    this.#sys = sys;
  }

  /** Writes the present time to the front of `target`. */
  stamp(target: Buffer): void {
    const now = this.#sys.wallClock();
    if (now.sec !== this.#second) this.#renew(now.sec);
    let rest = now.nsec;
    for (let at = FRACTION_END - 1; at >= FRACTION_END - DIGITS; at--) {
      const tenth = Math.trunc(rest / 10);
      this.#text[at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#text.copy(target);
  }

  #renew(second: number): void {
    const local = this.#sys.localTime(second);
    const two = (value: number) => String(value).padStart(2, "0");
    this.#second = second;
    const date = `${local.year}-${two(local.month)}-${two(local.day)}T${two(local.hours)}:${two(local.minutes)}:${two(local.seconds)}.`;
    const minutes = Math.trunc(Math.abs(local.offset) / 60);
    const offset = `${local.offset < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
    this.#text.write(date.padEnd(FRACTION_END, "0") + offset, "latin1");
  }
}
