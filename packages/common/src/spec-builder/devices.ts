import type { DeviceRule } from "./runtime-spec.ts";
import type { SpecInput } from "./spec-input.ts";

/** The device cgroup: everything for privileged containers, else nothing but the named devices (the runtime adds the harmless ones). */
export function deviceRules(input: Pick<SpecInput, "privileged" | "deviceRules">): DeviceRule[] {
  return [{ allow: input.privileged === true, access: "rwm" }, ...(input.deviceRules ?? [])];
}
