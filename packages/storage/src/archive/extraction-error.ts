import { ToolError } from "@containers/common/errors/tool-error";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Says in one clause which entry could not be made and why; what is already told stays as it is. */
export function extractionError(name: string, error: unknown): unknown {
  if (error instanceof ToolError && error.message.startsWith("archive entry")) return error;
  const shown = JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
  const code = errnoCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new ToolError("unavailable", `archive entry ${shown} cannot be written: no space left on device`, {
      code: "no-space",
      hint: "free some space, for example with podman system prune",
    });
  }
  if (code === "ENAMETOOLONG")
    return new ToolError("unsupported", `archive entry ${shown} has a name of ${Buffer.byteLength(name)} bytes, too long for this system`);
  const kind = error instanceof ToolError ? error.kind : code === "EPERM" || code === "EACCES" ? "denied" : "corrupt";
  return new ToolError(kind, `archive entry ${shown} cannot be made`, { cause: error });
}
