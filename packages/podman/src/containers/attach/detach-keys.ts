import { ToolError } from "@containers/common/errors/tool-error";

/** `ctrl-p,ctrl-q` → [16, 17]; empty text: none. invalid-argument for what is no key. */
export function parseDetachKeys(text: string): number[] {
  if (text === "") return [];
  return text.split(",").map((key) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
    if (key.length === 1) return key.charCodeAt(0);
    throw new ToolError("invalid-argument", `invalid detach keys: Unknown character: '${key}'`);
  });
}

export interface ScannedInput {
  /** What goes to the container. */
  readonly forward: Uint8Array;
  readonly detached: boolean;
}

/** Watches input for the sequence. Bytes of a sequence that is begun are held back until it is whole or broken. */
export function detachScanner(keys: readonly number[]): (input: Uint8Array) => ScannedInput {
  let matched = 0;
  return (input) => {
    // Most input has no key of the sequence in it, and may be large.
    if (matched === 0 && (keys[0] === undefined || !input.includes(keys[0]))) return { forward: input, detached: false };
    const forward: number[] = [];
    for (const byte of input) {
      if (keys.length > 0 && byte === keys[matched]) {
        matched += 1;
        if (matched === keys.length) return { forward: Uint8Array.from(forward), detached: true };
        continue;
      }
      forward.push(...keys.slice(0, matched));
      matched = keys.length > 0 && byte === keys[0] ? 1 : 0;
      if (matched === 0) forward.push(byte);
    }
    return { forward: Uint8Array.from(forward), detached: false };
  };
}
