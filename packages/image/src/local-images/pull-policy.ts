import { ToolError } from "@containers/common/errors/tool-error";

/** When an image is fetched although a local one may do: `always`, only when none is there, when the registry's differs, or not at all. */
export type PullPolicy = "always" | "missing" | "newer" | "never";

/** @throws invalid-argument for another word; `ifmissing`, `ifnewer` and empty are old spellings */
export function parsePullPolicy(text: string): PullPolicy {
  switch (text.toLowerCase()) {
    case "always":
    case "true":
      return "always";
    case "missing":
    case "ifmissing":
    case "ifnotpresent":
    case "false":
    case "":
      return "missing";
    case "newer":
    case "ifnewer":
      return "newer";
    case "never":
      return "never";
    default:
      throw new ToolError("invalid-argument", `unsupported pull policy "${text}"`);
  }
}
