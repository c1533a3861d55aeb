import { POLLIN } from "@containers/common/sys/constants";
import { recordingSys } from "@containers/common/sys/recording";
import { expect, it } from "vitest";
import { PollLoop } from "./poll-loop.ts";

it("tells of a pause after activity, and now and then in activity that knows none", () => {
  let polls = 0;
  let quietFrom = Number.POSITIVE_INFINITY;
  const told: number[] = [];
  const settled: number[] = [];
  const sys = recordingSys({
    poll(entries) {
      polls++;
      for (const entry of entries) entry.revents = polls < quietFrom ? POLLIN : 0;
      return polls < quietFrom ? entries.length : 0;
    },
  });
  const loop = new PollLoop(sys, { collect: () => told.push(polls), settle: () => settled.push(polls) });
  loop.add(7, POLLIN, () => undefined);
  loop.runUntil(() => polls === 9000);
  expect(told).toEqual([4000, 8000]);
  quietFrom = 9100;
  loop.runUntil(() => polls === 9200);
  expect(told).toEqual([4000, 8000, 9100]);
  expect(settled).toEqual([9100]);
});

it("settles in the first pause, also when hardly anything happened", () => {
  let polls = 0;
  let settled = 0;
  const waits: number[] = [];
  const sys = recordingSys({
    poll(_entries, timeoutMs) {
      waits.push(timeoutMs);
      polls++;
      return 0;
    },
  });
  const loop = new PollLoop(sys, { collect: () => expect.unreachable(), settle: () => settled++ });
  loop.runUntil(() => polls === 3);
  expect(settled).toBe(1);
  expect(waits).toEqual([1000, -1, -1]);
});
