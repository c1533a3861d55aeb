import { ToolError } from "@containers/common/errors/tool-error";

/** `KEY=VALUE` of `--storage-opt`; the key in lower case. */
export function splitOption(option: string): { readonly key: string; readonly value: string } {
  const equals = option.indexOf("=");
  if (equals === -1) throw new ToolError("invalid-argument", `storage option ${JSON.stringify(option)} has no value`);
  return { key: option.slice(0, equals).trim().toLowerCase(), value: option.slice(equals + 1).trim() };
}

export function parseBooleanOption(key: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new ToolError("invalid-argument", `storage option ${key} must be true or false, not ${JSON.stringify(value)}`);
}
