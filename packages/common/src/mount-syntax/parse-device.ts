import { ToolError } from "../errors/tool-error.ts";

/** A device of the host for a container. */
export interface DeviceSpec {
  /** A device node, or a directory of them. */
  readonly source: string;
  readonly target: string;
  /** Of `rwm`; default all. */
  readonly permissions?: string;
}

/** `/dev/x`, `/dev/x:/dev/y`, `/dev/x:rw`, `/dev/x:/dev/y:rwm`. */
export function parseDevice(text: string): DeviceSpec {
  const [source = "", second, third, ...more] = text.split(":");
  const isPermissions = (part: string | undefined): part is string => part !== undefined && /^[rwm]{1,3}$/.test(part);
  if (source === "" || more.length > 0) throw new ToolError("invalid-argument", `invalid device specification: ${text}`);
  if (second === undefined) return { source, target: source };
  if (third === undefined && isPermissions(second)) return { source, target: source, permissions: second };
  if (!second.startsWith("/")) throw new ToolError("invalid-argument", `invalid device mode: ${second}`);
  if (third !== undefined && !isPermissions(third)) throw new ToolError("invalid-argument", `invalid device mode: ${third}`);
  return { source, target: second, permissions: third };
}
