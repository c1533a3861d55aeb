/** A container's id: 64 hexadecimal digits. */
export function newId(): string {
  return crypto.getRandomValues(Buffer.alloc(32)).toString("hex");
}
