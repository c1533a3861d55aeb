import { describe, expect, it } from "vitest";
import { ALL_CAPABILITIES, capabilitiesOfMask, DEFAULT_CAPABILITIES, mergeCapabilities, normalizeCapability } from "./capabilities.ts";

const merge = (add: string[], drop: string[]) => mergeCapabilities(DEFAULT_CAPABILITIES, { add, drop, available: ALL_CAPABILITIES });

describe("capabilities", () => {
  it("normalizes names and refuses unknown ones", () => {
    expect(normalizeCapability("net_admin")).toBe("CAP_NET_ADMIN");
    expect(normalizeCapability("CAP_CHOWN")).toBe("CAP_CHOWN");
    expect(() => normalizeCapability("nosuch")).toThrow('"CAP_NOSUCH": unknown capability');
  });

  it("adds and drops", () => {
    expect(merge(["NET_ADMIN"], ["chown"])).toEqual(
      [...DEFAULT_CAPABILITIES.filter((name) => name !== "CAP_CHOWN"), "CAP_NET_ADMIN"].sort(),
    );
    expect(merge(["all"], ["SYS_ADMIN"])).toHaveLength(ALL_CAPABILITIES.length - 1);
    expect(merge(["CHOWN"], ["all"])).toEqual(["CAP_CHOWN"]);
    expect(() => merge(["CHOWN"], ["CHOWN"])).toThrow(/cannot be dropped and added/);
  });

  it("reads a kernel mask", () => {
    expect(capabilitiesOfMask("0000000000000021")).toEqual(["CAP_CHOWN", "CAP_KILL"]);
  });
});
