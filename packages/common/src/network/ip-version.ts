/**
 * 4 or 6 when the text is an address of that version (a zone may follow one of version 6), else 0: what node:net's isIP says, without loading node:net.
 */
export function ipVersion(text: string): 0 | 4 | 6 {
  if (isVersion4(text)) return 4;
  return isVersion6(text.replace(/%[0-9A-Za-z._-]+$/, "")) ? 6 : 0;
}

function isVersion4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isVersion6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  // The last 32 bits may be written as version 4.
  const last = groups.at(-1);
  const mixed = last?.includes(".") === true;
  if (mixed && (!isVersion4(last) || text.endsWith("::"))) return false;
  const plain = mixed ? groups.slice(0, -1) : groups;
  const count = plain.length + (mixed ? 2 : 0);
  return plain.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}
