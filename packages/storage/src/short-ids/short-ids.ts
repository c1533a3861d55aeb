import { ToolError } from "@containers/common/errors/tool-error";

/** A new id: 64 hexadecimal digits, never all decimal in its first twelve, which could be taken for a number. */
export function randomId(): string {
  for (;;) {
    const id = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
    if (!/^\d{12}/.test(id)) return id;
  }
}

/** Throws `invalid-argument` unless the text can be an id: it becomes a directory name. */
export function checkId(id: string): string {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(id) || id.length > 255)
    throw new ToolError("invalid-argument", `invalid id ${JSON.stringify(id)}`);
  return id;
}

/**
 * The record whose id begins with `prefix`, when there is exactly one; undefined when none or more do, as in the original, where an
 * ambiguous prefix is not a match. Records with the same id (of several stores) count as one, the first.
 */
export function findByPrefix<T extends { readonly id: string }>(records: readonly T[], prefix: string): T | undefined {
  if (prefix === "") return undefined;
  let found: T | undefined;
  for (const record of records) {
    if (!record.id.startsWith(prefix)) continue;
    if (found !== undefined && found.id !== record.id) return undefined;
    found ??= record;
  }
  return found;
}
