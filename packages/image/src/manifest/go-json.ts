/**
 * JSON text byte for byte as Go's encoding/json prints it: digests of what we write must equal those of the original tools.
 * Keys keep their order (sort maps first); undefined values are left out.
 */
export function goJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent);
  return text.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function goJsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(goJson(value));
}

/** A copy with its keys in Go's order for maps: by bytes. */
export function sortKeys<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  const keys = Object.keys(map).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return Object.fromEntries(keys.map((key) => [key, map[key] as T]));
}
