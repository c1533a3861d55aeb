import type { SeccompRule, SeccompSpec } from "../spec-builder/runtime-spec.ts";

/** A profile file as containers/common and Docker write it: rules with conditions on architecture and capabilities. */
export interface SeccompProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number | null;
  readonly architectures?: readonly string[];
  readonly archMap?: ReadonlyArray<{ readonly architecture: string; readonly subArchitectures: readonly string[] | null }>;
  readonly flags?: readonly string[] | null;
  readonly syscalls: readonly ProfileRule[] | null;
}

interface ProfileRule {
  readonly names?: readonly string[];
  readonly name?: string;
  readonly action: string;
  readonly errnoRet?: number | null;
  readonly args?: ReadonlyArray<{ readonly index: number; readonly value: number; readonly valueTwo?: number; readonly op: string }> | null;
  readonly includes?: RuleCondition;
  readonly excludes?: RuleCondition;
}

interface RuleCondition {
  readonly arches?: readonly string[];
  readonly caps?: readonly string[];
  readonly minKernel?: string;
}

/** The profile with its conditions decided: for this architecture (`amd64`) and these capabilities. Pure. */
export function resolveSeccomp(
  profile: SeccompProfile,
  host: { readonly architecture: string; readonly capabilities: readonly string[] },
): SeccompSpec {
  const syscalls: SeccompRule[] = [];
  for (const rule of profile.syscalls ?? []) {
    if (applies(rule, host)) syscalls.push(plainRule(rule));
  }
  const architectures = architecturesFor(profile, host.architecture);
  return {
    defaultAction: profile.defaultAction,
    ...(typeof profile.defaultErrnoRet === "number" ? { defaultErrnoRet: profile.defaultErrnoRet } : {}),
    ...(architectures.length > 0 ? { architectures } : {}),
    ...(profile.flags !== undefined && profile.flags !== null && profile.flags.length > 0 ? { flags: profile.flags } : {}),
    syscalls,
  };
}

/** Node's name for the machine's architecture as Go (and so the profile files) name it. */
export function goArchitecture(nodeArchitecture: string): string {
  const names: Readonly<Record<string, string>> = {
    x64: "amd64",
    ia32: "386",
    arm64: "arm64",
    arm: "arm",
    ppc64: "ppc64le",
    s390x: "s390x",
    riscv64: "riscv64",
  };
  return names[nodeArchitecture] ?? nodeArchitecture;
}

function applies(rule: ProfileRule, host: { readonly architecture: string; readonly capabilities: readonly string[] }): boolean {
  const { includes, excludes } = rule;
  if (includes?.arches?.length && !includes.arches.includes(host.architecture)) return false;
  if (excludes?.arches?.includes(host.architecture)) return false;
  if (includes?.caps?.length && !includes.caps.every((name) => host.capabilities.includes(name))) return false;
  if (excludes?.caps?.some((name) => host.capabilities.includes(name))) return false;
  return true;
}

function plainRule(rule: ProfileRule): SeccompRule {
  return {
    names: rule.names ?? (rule.name === undefined ? [] : [rule.name]),
    action: rule.action,
    ...(typeof rule.errnoRet === "number" ? { errnoRet: rule.errnoRet } : {}),
    ...(rule.args !== undefined && rule.args !== null && rule.args.length > 0
      ? {
          args: rule.args.map((arg) => ({
            index: arg.index,
            value: arg.value,
            ...(arg.valueTwo ? { valueTwo: arg.valueTwo } : {}),
            op: arg.op,
          })),
        }
      : {}),
  };
}

function architecturesFor(profile: SeccompProfile, architecture: string): readonly string[] {
  if (profile.architectures !== undefined && profile.architectures.length > 0) return profile.architectures;
  const own = SECCOMP_NAMES[architecture];
  const entry = profile.archMap?.find((candidate) => candidate.architecture === own);
  return entry === undefined ? [] : [entry.architecture, ...(entry.subArchitectures ?? [])];
}

const SECCOMP_NAMES: Readonly<Record<string, string>> = {
  amd64: "SCMP_ARCH_X86_64",
  "386": "SCMP_ARCH_X86",
  arm64: "SCMP_ARCH_AARCH64",
  arm: "SCMP_ARCH_ARM",
  ppc64le: "SCMP_ARCH_PPC64LE",
  s390x: "SCMP_ARCH_S390X",
  riscv64: "SCMP_ARCH_RISCV64",
};
