import type { Sys } from "@containers/common/sys/sys";

/** Length of {@link LogClock.stamp}: `2026-01-31T12:00:00.123456789+01:00`. */
export const STAMP_LENGTH = 35;

/** RFC 3339 local time with nanoseconds and a numeric offset, `+00:00` for UTC. What a second has in common is made once a second. */
export class LogClock {
  readonly #sys: Sys;
  #second = Number.NaN;
  #date = "";
  #offset = "";

  constructor(sys: Sys) {
    this.#sys = sys;
  }

  stamp(): string {
    const now = this.#sys.wallClock();
    if (now.sec !== this.#second) this.#renew(now.sec);
    return this.#date + String(now.nsec).padStart(9, "0") + this.#offset;
  }

  #renew(second: number): void {
    const local = this.#sys.localTime(second);
    const two = (value: number) => String(value).padStart(2, "0");
    this.#second = second;
    this.#date = `${local.year}-${two(local.month)}-${two(local.day)}T${two(local.hours)}:${two(local.minutes)}:${two(local.seconds)}.`;
    const minutes = Math.trunc(Math.abs(local.offset) / 60);
    this.#offset = `${local.offset < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
  }
}
