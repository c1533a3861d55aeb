import { ToolError } from "@containers/common/errors/tool-error";

/** @throws invalid-argument for a key that is not allowed there */
export function onlyKeys(value: Readonly<Record<string, unknown>>, allowed: readonly string[], what: string): void {
  const unknown = Object.keys(value).find((key) => !allowed.includes(key));
  if (unknown !== undefined) throw invalidPolicy(`unknown key "${unknown}" in ${what}`);
}

export function invalidPolicy(message: string): ToolError {
  return new ToolError("invalid-argument", message, { code: "policy-invalid" });
}
