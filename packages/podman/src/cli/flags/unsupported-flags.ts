import { defineFlags, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";

/** Flags of the original's `run` and `create` that are known, and refused when given, until what they ask for works. */
export const unsupportedFlags = defineFlags({
  "seccomp-policy": { type: "string", description: "(not supported yet)" },
});

/** @throws ToolError unsupported for the first of them that stands on the command line */
export function refuseUnsupportedFlags<V>(invocation: Invocation<V>): void {
  for (const flag of Object.keys(unsupportedFlags)) {
    if (invocation.given(flag)) throw new ToolError("unsupported", `--${flag} is not supported yet`);
  }
}
