import type { SecuritySpec } from "../../container-spec/security-spec.ts";
import type { SpecGenerator } from "./spec-generator-shape.ts";

/** Capabilities, profiles and labels of a SpecGenerator. */
export function readSecurity(wire: SpecGenerator): SecuritySpec {
  return {
    privileged: wire.privileged,
    capAdd: wire.cap_add ?? [],
    capDrop: wire.cap_drop ?? [],
    noNewPrivileges: wire.no_new_privileges,
    ...(wire.seccomp_policy === "image" ? { seccompOfImage: true } : {}),
    ...(wire.seccomp_profile_path ? { seccompProfile: wire.seccomp_profile_path } : {}),
    ...(wire.apparmor_profile ? { apparmorProfile: wire.apparmor_profile } : {}),
    labelOptions: wire.selinux_opts ?? [],
    mask: wire.mask ?? [],
    unmask: wire.unmask ?? [],
    procOptions: wire.procfs_opts ?? [],
    securityOptions: securityOptions(wire),
  };
}

/** The options as a command line would have them: that is what inspect shows. */
function securityOptions(wire: SpecGenerator): string[] {
  return [
    ...(wire.selinux_opts ?? []).map((option) => `label=${option}`),
    ...(wire.seccomp_profile_path ? [`seccomp=${wire.seccomp_profile_path}`] : []),
    ...(wire.apparmor_profile ? [`apparmor=${wire.apparmor_profile}`] : []),
    ...(wire.no_new_privileges === true ? ["no-new-privileges"] : []),
    ...(wire.mask !== undefined && wire.mask.length > 0 ? [`mask=${wire.mask.join(":")}`] : []),
    ...(wire.unmask !== undefined && wire.unmask.length > 0 ? [`unmask=${wire.unmask.join(":")}`] : []),
  ];
}
