import { ToolError } from "@containers/common/errors/tool-error";
import type { StageArguments } from "../../plan/build-variables.ts";

/** Declares what `ARG name[=default] …` names; `words` are expanded already. Changes `args`. */
export function declareArguments(words: readonly string[], args: StageArguments): void {
  for (const word of words) {
    const equals = word.indexOf("=");
    const name = equals === -1 ? word : word.slice(0, equals);
    args.allowed.add(name);
    const platformValue = args.platform.get(name);
    if (platformValue !== undefined) {
      if (equals !== -1 && (name === "TARGETPLATFORM" || name === "BUILDPLATFORM")) {
        throw new ToolError("invalid-argument", `attempted to redefine ${JSON.stringify(name)}: invalid argument`);
      }
      if (!args.given.has(name)) args.values.set(name, platformValue);
      continue;
    }
    const fallback = equals === -1 ? args.heading.get(name) : word.slice(equals + 1);
    if (fallback !== undefined && !args.given.has(name)) args.values.set(name, fallback);
  }
}
