import { readFileSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { errnoCode } from "../sys/sys-error.ts";

/** Host ids that a user may hand out: `start` to `start + length - 1`. */
export interface SubIdRange {
  readonly start: number;
  readonly length: number;
}

/** The user whose ranges are looked up; an entry may name either. */
export interface SubIdOwner {
  readonly name: string | undefined;
  readonly uid: number;
}

/**
 * The ranges of one user in the text of /etc/subuid or /etc/subgid (`owner:start:length` per line, see subuid(5)),
 * lowest first: their order decides which container id gets which host id, so it must not depend on the file's order.
 * A line that is not of that form makes the file unusable, as for newuidmap itself.
 */
export function parseSubIds(text: string, owner: SubIdOwner, path: string): SubIdRange[] {
  const ranges: SubIdRange[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const [who, start, length, ...rest] = line.split(":");
    if (who === undefined || !isNumber(start) || !isNumber(length) || rest.length > 0) {
      throw new ToolError("corrupt", `${path} line ${index + 1}: expected USER:START:COUNT, found "${line}"`);
    }
    if (who !== owner.name && who !== String(owner.uid)) continue;
    if (Number(length) > 0) ranges.push({ start: Number(start), length: Number(length) });
  }
  return ranges.sort((a, b) => a.start - b.start);
}

/** {@link parseSubIds} of a file; no ranges when the file does not exist. */
export function loadSubIds(path: string, owner: SubIdOwner): SubIdRange[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return [];
    throw error;
  }
  return parseSubIds(text, owner, path);
}

/** The name of a uid in passwd(5) text; undefined for users that only a directory service knows. */
export function userNameOf(uid: number, passwd: string): string | undefined {
  for (const line of passwd.split("\n")) {
    const [name, , id] = line.split(":");
    if (id === String(uid)) return name;
  }
  return undefined;
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d+$/.test(text);
}
