import { readFileSync } from "node:fs";
import { capabilitiesOfMask } from "./capabilities.ts";

export interface OwnCapabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
}

/** What this process may do, from /proc/self/status. */
export function ownCapabilities(): OwnCapabilities {
  const status = readFileSync("/proc/self/status", "latin1");
  return { bounding: capabilitiesOfMask(maskOf(status, "CapBnd")), effective: capabilitiesOfMask(maskOf(status, "CapEff")) };
}

function maskOf(status: string, key: string): string {
  return new RegExp(`^${key}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1] ?? "0";
}
