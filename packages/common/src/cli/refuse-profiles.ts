import { ToolError } from "../errors/tool-error.ts";
import { defineFlags } from "./define-command.ts";

/** Hidden global flags of the originals that ask for what only they can write. */
export const profileFlags = defineFlags({
  "cpu-profile": { type: "string", hidden: true, description: "Refused: profiles of Go programs" },
  "memory-profile": { type: "string", hidden: true, description: "Refused: profiles of Go programs" },
});

/** @throws unsupported, naming the flag */
export function refuseProfiles(globals: Readonly<Record<string, unknown>>): void {
  const flag = globals["cpuProfile"] ? "cpu-profile" : globals["memoryProfile"] ? "memory-profile" : undefined;
  if (flag === undefined) return;
  throw new ToolError("unsupported", `--${flag} writes profiles of Go programs, and this is none`, { hint: `leave --${flag} out` });
}
