import { randomBytes } from "node:crypto";

/** A container's id: 64 hexadecimal digits. */
export function newId(): string {
  return randomBytes(32).toString("hex");
}
