import { ToolError } from "../errors/tool-error.ts";
import { checkVolumeOptions } from "./mount-options.ts";
import { containerPath, hostPath } from "./mount-path.ts";
import type { MountRequest } from "./mount-request.ts";

/**
 * `-v`: `/container`, `name:/container`, `/host:/container`, each with `:options`. A source that begins with `/` or `.` is a host path,
 * anything else a volume's name. A backslash keeps a colon as part of a path.
 * @throws ToolError invalid-argument
 */
export function parseVolume(text: string): MountRequest {
  const parts = splitColons(text);
  if (parts.length > 3) {
    throw new ToolError("invalid-argument", `${text}: incorrect volume format, should be [host-dir:]ctr-dir[:option]`);
  }
  if (parts.length === 1) return { type: "volume", target: containerPath(parts[0] ?? ""), options: [] };
  const [source = "", target = "", optionText] = parts;
  if (source === "") throw new ToolError("invalid-argument", "host directory cannot be empty");
  const options = optionText === undefined ? [] : checkVolumeOptions(optionText.split(",").filter((option) => option !== ""));
  const path = containerPath(target);
  if (/^[/.]/.test(source)) return { type: "bind", source: hostPath(source), target: path, options };
  return { type: "volume", name: source, target: path, options };
}

function splitColons(text: string): string[] {
  return text.split(/(?<!\\):/).map((part) => part.replaceAll("\\:", ":"));
}
