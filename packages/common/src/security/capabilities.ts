import { ToolError } from "../errors/tool-error.ts";

/** Every capability by number (linux/capability.h). */
export const ALL_CAPABILITIES: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_LINUX_IMMUTABLE",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_BROADCAST",
  "CAP_NET_ADMIN",
  "CAP_NET_RAW",
  "CAP_IPC_LOCK",
  "CAP_IPC_OWNER",
  "CAP_SYS_MODULE",
  "CAP_SYS_RAWIO",
  "CAP_SYS_CHROOT",
  "CAP_SYS_PTRACE",
  "CAP_SYS_PACCT",
  "CAP_SYS_ADMIN",
  "CAP_SYS_BOOT",
  "CAP_SYS_NICE",
  "CAP_SYS_RESOURCE",
  "CAP_SYS_TIME",
  "CAP_SYS_TTY_CONFIG",
  "CAP_MKNOD",
  "CAP_LEASE",
  "CAP_AUDIT_WRITE",
  "CAP_AUDIT_CONTROL",
  "CAP_SETFCAP",
  "CAP_MAC_OVERRIDE",
  "CAP_MAC_ADMIN",
  "CAP_SYSLOG",
  "CAP_WAKE_ALARM",
  "CAP_BLOCK_SUSPEND",
  "CAP_AUDIT_READ",
  "CAP_PERFMON",
  "CAP_BPF",
  "CAP_CHECKPOINT_RESTORE",
];

/** What a container may do unless told otherwise (containers.conf `default_capabilities`). */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_NET_BIND_SERVICE",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];

/** `net_admin` → `CAP_NET_ADMIN`, `all` → `ALL`; invalid-argument for a name that the kernel does not know. */
export function normalizeCapability(name: string): string {
  const upper = name.toUpperCase();
  if (upper === "ALL") return upper;
  const full = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  if (!ALL_CAPABILITIES.includes(full)) throw new ToolError("invalid-argument", `"${full}": unknown capability`);
  return full;
}

/**
 * The defaults with additions and removals applied, sorted. `ALL` among the additions means everything in `available`, among the
 * removals nothing but the additions. A name in both lists is refused.
 */
export function mergeCapabilities(
  defaults: readonly string[],
  change: { readonly add: readonly string[]; readonly drop: readonly string[]; readonly available: readonly string[] },
): string[] {
  const add = change.add.map(normalizeCapability);
  const drop = change.drop.map(normalizeCapability);
  const both = add.find((name) => name !== "ALL" && drop.includes(name));
  if (both !== undefined) throw new ToolError("invalid-argument", `capability "${both}" cannot be dropped and added`);
  if (add.includes("ALL") && drop.includes("ALL")) throw new ToolError("invalid-argument", "cannot both drop and add all capabilities");
  const base = drop.includes("ALL") ? [] : add.includes("ALL") ? change.available : defaults;
  const named = add.filter((name) => name !== "ALL");
  return [...new Set([...base, ...named])].filter((name) => !drop.includes(name)).sort();
}

/** The capabilities in a mask of /proc/PID/status (`CapBnd`, `CapEff`): hexadecimal text. */
export function capabilitiesOfMask(hexMask: string): string[] {
  const mask = BigInt(`0x${hexMask}`);
  return ALL_CAPABILITIES.filter((_, bit) => (mask >> BigInt(bit)) & 1n);
}
