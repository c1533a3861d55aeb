import { describe, expect, it } from "vitest";
import { buildResources, type CgroupAbility } from "./resources.ts";

const build = (ability: CgroupAbility, asked: Parameters<typeof buildResources>[0] = {}) => {
  const warnings: string[] = [];
  const limits = buildResources(asked, { pidsLimit: 2048 }, { ability, warn: (message) => warnings.push(message) });
  return { limits, warnings };
};

describe("limits that the host may not have", () => {
  it("are left out with a line for root, on a v2 host without the controller", () => {
    const ability = { version: 2, rootless: false, controllers: ["memory"] } as const;
    const { limits, warnings } = build(ability, { memory: 1 << 20 });
    expect(limits).toEqual({ memory: { limit: 1 << 20, swap: 2 << 20 } });
    expect(warnings).toEqual(["resource limits of the pids controller are not available on this host and are ignored"]);
  });

  it("are left out for an ordinary user, with a line for what was asked for", () => {
    const ability = { version: 2, rootless: true, controllers: [] } as const;
    expect(build(ability)).toEqual({ limits: {}, warnings: [] });
    expect(build(ability, { pidsLimit: 5 }).warnings).toHaveLength(1);
  });

  it("of processes are lifted where nobody limits them, without a word", () => {
    const ability = { version: 1, rootless: false, controllers: [] } as const;
    expect(build(ability, { pidsLimit: -1 })).toEqual({ limits: { pids: { limit: -1 } }, warnings: [] });
    expect(build(ability, { pidsLimit: 0 }).limits).toEqual({ pids: { limit: 0 } });
    expect(build({ ...ability, rootless: true }, { pidsLimit: -1 })).toEqual({ limits: {}, warnings: [] });
  });

  it("are all there for root on a v1 host, which names no controllers", () => {
    const ability = { version: 1, rootless: false, controllers: [] } as const;
    expect(build(ability)).toEqual({ limits: { pids: { limit: 2048 } }, warnings: [] });
  });
});
