import { expect, it } from "vitest";
import { resourceUsage, usageLine } from "./resource-usage.ts";

it("usage is told in the original's words", () => {
  const before = { system: 10, user: 20, elapsed: 5.5, input: 0, output: 100 };
  const after = { system: 10, user: 1520, elapsed: 2005.6, input: 40_960, output: 100 };
  expect(usageLine(before, after)).toBe("0s(system) 1.5s(user) 2s(elapsed) 40.96kB input 0B output");
});

it("what was used only grows, and programs that were started count", () => {
  const before = resourceUsage();
  Bun.spawnSync(["sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"]);
  const after = resourceUsage();
  expect(after.user).toBeGreaterThan(before.user);
  expect(after.elapsed).toBeGreaterThan(before.elapsed);
});
