import type { ClockSys } from "../sys.ts";
import { check, lazyLibc } from "./binding.ts";

const CLOCK_REALTIME = 0;
/** struct tm: nine ints, then (aligned) the offset and a pointer. */
const TM_SIZE = 64;
const TM_GMTOFF = 40;

const libc = lazyLibc({
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  localtime_r: { args: ["ptr", "ptr"], returns: "ptr" },
});

/** The time, without the runtime's time zone data. */
export function clockSys(): ClockSys {
  // two 64-bit numbers read in halves: a monitor asks for every piece of output, and numbers of 64 bits are objects
  const now = new Uint32Array(4);
  return {
    wallClock() {
      check(libc().clock_gettime(CLOCK_REALTIME, now), "clock_gettime");
      return { sec: (now[0] ?? 0) + (now[1] ?? 0) * 2 ** 32, nsec: now[2] ?? 0 };
    },
    localTime(seconds) {
      const record = Buffer.alloc(TM_SIZE);
      libc().localtime_r(BigInt64Array.of(BigInt(Math.floor(seconds))), record);
      const field = (index: number) => record.readInt32LE(index * 4);
      return {
        year: field(5) + 1900,
        month: field(4) + 1,
        day: field(3),
        hours: field(2),
        minutes: field(1),
        seconds: field(0),
        offset: Number(record.readBigInt64LE(TM_GMTOFF)),
      };
    },
  };
}
