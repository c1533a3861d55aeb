import type { SpecInput } from "./spec-input.ts";

const MASKED = [
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
  "/sys/fs/selinux",
];
const READ_ONLY = ["/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

type MaskInput = Pick<SpecInput, "privileged" | "mask" | "unmask" | "namespaces">;

/** Paths hidden from the container: the defaults but those unmasked, and what the user adds. Privileged: only the latter. */
export function maskedPaths(input: MaskInput): string[] {
  const defaults = input.privileged === true ? [] : MASKED.filter((path) => !unmasked(input, path));
  return [...new Set([...defaults, ...(input.mask ?? [])])];
}

/** Paths that are mounted read-only over themselves. */
export function readonlyPaths(input: MaskInput): string[] {
  if (input.privileged === true) return [];
  return READ_ONLY.filter((path) => !unmasked(input, path));
}

/** `ALL`, the path, a directory above it, or a glob that fits it. */
function unmasked(input: MaskInput, path: string): boolean {
  return (input.unmask ?? []).some((pattern) => {
    if (pattern.toUpperCase() === "ALL" || pattern === path) return true;
    if (path.startsWith(`${pattern.replace(/\/$/, "")}/`)) return true;
    const expression = pattern
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^/]*");
    return new RegExp(`^${expression}$`).test(path);
  });
}
