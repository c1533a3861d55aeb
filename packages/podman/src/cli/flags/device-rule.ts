import { ToolError } from "@containers/common/errors/tool-error";
import type { DeviceRule } from "@containers/common/spec-builder/runtime-spec";

/** `c 7:* rmw`: kind (a for all), major and minor number (`*` for any), access. */
export function parseDeviceRule(text: string): DeviceRule {
  const [type = "", numbers = "", access = "", ...more] = text.split(" ");
  const [major = "", minor = "*", ...tooMany] = numbers.split(":");
  if (access === "" || more.length > 0 || tooMany.length > 0) {
    throw invalid(`invalid device cgroup rule requires type, major:Minor, and access rules: ${JSON.stringify(text)}`);
  }
  if (!/^[abc]$/.test(type)) throw invalid(`invalid device type in device-access-add: ${type}`);
  const wrong = [...access].find((letter) => !"rwm".includes(letter));
  if (wrong !== undefined) throw invalid(`invalid device access in device-access-add: ${wrong}`);
  return { allow: true, type, ...part("major", major), ...part("minor", minor), access };
}

function part<K extends "major" | "minor">(key: K, text: string): { readonly [P in K]?: number } {
  if (text === "*") return {};
  if (!/^\d+$/.test(text)) throw invalid(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  // A computed key widens to string; the type above says what it is.
  return { [key]: Number(text) } as { readonly [P in K]?: number };
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
