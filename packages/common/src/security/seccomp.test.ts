import { describe, expect, it } from "vitest";
import { DEFAULT_CAPABILITIES } from "./capabilities.ts";
import profile from "./default-seccomp.json" with { type: "json" };
import { resolveSeccomp } from "./seccomp.ts";
import original from "./testdata/original-amd64.json" with { type: "json" };

describe("the default seccomp profile", () => {
  it("becomes what the original writes for a container with the default capabilities", () => {
    expect(resolveSeccomp(profile, { architecture: "amd64", capabilities: DEFAULT_CAPABILITIES })).toEqual(original);
  });

  it("lets what a capability stands for through when the container holds it", () => {
    const rules = resolveSeccomp(profile, { architecture: "amd64", capabilities: [...DEFAULT_CAPABILITIES, "CAP_SYS_TIME"] }).syscalls;
    expect(rules.find(({ names }) => names.includes("settimeofday"))?.action).toBe("SCMP_ACT_ALLOW");
  });

  it("chooses rules and architectures of the machine", () => {
    const arm = resolveSeccomp(profile, { architecture: "arm64", capabilities: [] });
    expect(arm.architectures?.[0]).toBe("SCMP_ARCH_AARCH64");
    expect(arm.syscalls.some(({ names }) => names.includes("arch_prctl"))).toBe(false);
  });
});
