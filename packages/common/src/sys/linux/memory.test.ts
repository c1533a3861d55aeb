import { expect, it } from "vitest";
import { linuxMonitorSys } from "../linux-monitor.ts";
import { programRanges } from "./memory.ts";

const MAPPINGS = `00200000-01a39000 r--p 00000000 fe:00 639                            /usr/bin/tool
01a40000-0684a000 r-xp 01838000 fe:00 639                            /usr/bin/tool
0684a000-0685f000 rw-p 06641000 fe:00 639                            /usr/bin/tool
0685f000-06867000 r--p 06656000 fe:00 639                            /usr/bin/tool
3f9ff800000-3fa3f800000 rw-p 00000000 00:00 0
7f66f5491000-7f66f5492000 r-xp 00001000 fe:00 7                      /lib/libc.so.6
7ffcd2fd4000-7ffcd2fd6000 r-xp 00000000 00:00 0                      [vdso]
`;

it("finds what of a program is never written: not what the loader fills in, and nobody else's", () => {
  expect(programRanges(MAPPINGS, "/usr/bin/tool")).toEqual([
    [0x200000, 0x1a39000],
    [0x1a40000, 0x684a000],
  ]);
  expect(programRanges(MAPPINGS, "/usr/bin/other")).toEqual([]);
});

it("leaves a program that works", () => {
  linuxMonitorSys().releaseProgramPages();
  expect([3, 1, 2].sort().join()).toBe("1,2,3");
});
