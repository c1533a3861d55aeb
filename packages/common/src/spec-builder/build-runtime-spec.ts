import { capabilitySets } from "./capabilities.ts";
import { deviceRules } from "./devices.ts";
import { maskedPaths, readonlyPaths } from "./masked-paths.ts";
import { buildMounts } from "./mounts.ts";
import type { LinuxSpec, ProcessSpec, RuntimeSpec } from "./runtime-spec.ts";
import { UNLIMITED } from "./serialize-spec.ts";
import type { SpecInput } from "./spec-input.ts";

/** The `config.json` of a container: pure, everything that had to be looked up is in the input. */
export function buildRuntimeSpec(input: SpecInput): RuntimeSpec {
  return {
    // The oldest version that has all we write: crun of Debian 12 refuses 1.1 and later.
    ociVersion: "1.0.2",
    process: buildProcess(input),
    root: { path: input.rootfs, ...(input.readOnlyRootfs === true ? { readonly: true } : {}) },
    ...(input.hostname === undefined ? {} : { hostname: input.hostname }),
    mounts: buildMounts(input),
    ...(input.hooks === undefined || Object.keys(input.hooks).length === 0 ? {} : { hooks: input.hooks }),
    ...(input.annotations === undefined ? {} : { annotations: input.annotations }),
    linux: buildLinux(input),
  };
}

function buildProcess(input: SpecInput): ProcessSpec {
  const groups = input.user.additionalGids ?? [];
  return {
    ...(input.terminal === true ? { terminal: true } : {}),
    user: {
      uid: input.user.uid,
      gid: input.user.gid,
      umask: input.umask ?? 0o22,
      ...(groups.length > 0 ? { additionalGids: groups } : {}),
    },
    args: input.args,
    env: input.env,
    cwd: input.cwd,
    capabilities: capabilitySets(input),
    rlimits: (input.ulimits ?? []).map(({ name, hard, soft }) => ({
      type: `RLIMIT_${name.toUpperCase()}`,
      hard: rlimit(hard),
      soft: rlimit(soft),
    })),
    ...(input.noNewPrivileges === true ? { noNewPrivileges: true } : {}),
    ...(input.apparmorProfile === undefined ? {} : { apparmorProfile: input.apparmorProfile }),
    ...(input.selinuxLabel === undefined ? {} : { selinuxLabel: input.selinuxLabel }),
    ...(input.oomScoreAdj === undefined ? {} : { oomScoreAdj: input.oomScoreAdj }),
  };
}

function rlimit(value: number): number {
  return value < 0 || value === Number.POSITIVE_INFINITY ? UNLIMITED : value;
}

function buildLinux(input: SpecInput): LinuxSpec {
  const resources = { devices: deviceRules(input), ...input.resources };
  const readonly = readonlyPaths(input);
  const masked = maskedPaths(input);
  return {
    ...(input.uidMappings === undefined ? {} : { uidMappings: input.uidMappings }),
    ...(input.gidMappings === undefined ? {} : { gidMappings: input.gidMappings }),
    ...(input.sysctls === undefined || Object.keys(input.sysctls).length === 0 ? {} : { sysctl: input.sysctls }),
    resources,
    ...(input.cgroupsPath === undefined ? {} : { cgroupsPath: input.cgroupsPath }),
    namespaces: input.namespaces,
    ...(input.devices === undefined || input.devices.length === 0 ? {} : { devices: input.devices }),
    ...(input.seccomp === undefined ? {} : { seccomp: input.seccomp }),
    ...(input.rootfsPropagation === undefined ? {} : { rootfsPropagation: input.rootfsPropagation }),
    ...(masked.length > 0 ? { maskedPaths: masked } : {}),
    ...(readonly.length > 0 ? { readonlyPaths: readonly } : {}),
    ...(input.mountLabel === undefined ? {} : { mountLabel: input.mountLabel }),
    ...(input.rdtClass === undefined ? {} : { intelRdt: { closID: input.rdtClass } }),
    ...(input.personality === undefined ? {} : { personality: { domain: input.personality } }),
  };
}
