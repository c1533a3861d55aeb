import type { RuntimeSpec } from "./runtime-spec.ts";

/** The largest double below 2^64: it stands for RLIM_INFINITY, which a number cannot hold. */
export const UNLIMITED = 2 ** 64 - 2048;

/** The text of config.json. */
export function serializeSpec(spec: RuntimeSpec): string {
  return JSON.stringify(spec).replaceAll(String(UNLIMITED), "18446744073709551615");
}
