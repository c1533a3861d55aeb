import { ToolError } from "@containers/common/errors/tool-error";

/** The label that says whether, and from where, a container's image is updated. */
export const AUTO_UPDATE_LABEL = "io.containers.autoupdate";
/** The label that names credentials for it. */
export const AUTH_FILE_LABEL = "io.containers.autoupdate.authfile";

export type UpdatePolicy = "disabled" | "registry" | "local";

/** @throws invalid-argument for a label that is no policy */
export function parseUpdatePolicy(label: string): UpdatePolicy {
  switch (label) {
    case "":
    case "disabled":
      return "disabled";
    case "image":
    case "registry":
      return "registry";
    case "local":
      return "local";
    default:
      throw new ToolError(
        "invalid-argument",
        `invalid auto-update policy ${JSON.stringify(label)}: valid policies are ["disabled" "image" "local" "registry"]`,
      );
  }
}
