/**
 * Names of files are bytes on Linux, and need not be UTF-8. Here they are text all the same: a byte that belongs to no UTF-8 sequence stands as
 * the lone surrogate U+DC00 + byte (Python's "surrogateescape", PEP 383). Our system calls take such text as it is, `node:fs` through
 * {@link fsPath}; `node:path` must not see it: on Bun its functions lose lone surrogates.
 */
const ESCAPE = 0xdc00;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a name's bytes. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeByPieces(bytes);
  }
}

/** The bytes of a name that {@link decodeName} read. */
export function encodeName(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const pieces: Buffer[] = [];
  let plain = "";
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < ESCAPE + 0x80 || code > ESCAPE + 0xff) {
      plain += character;
      continue;
    }
    pieces.push(Buffer.from(plain), Buffer.from([code - ESCAPE]));
    plain = "";
  }
  return Buffer.concat([...pieces, Buffer.from(plain)]);
}

/** A path as `node:fs` takes it. */
export function fsPath(path: string): string | Buffer {
  return path.isWellFormed() ? path : encodeName(path);
}

function decodeByPieces(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
    else text += strict.decode(bytes.subarray(at, at + length));
    at += Math.max(1, length);
  }
  return text;
}

/** Bytes of the well-formed UTF-8 sequence at an offset (Unicode, table 3-7); 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  for (let next = 1; next < length; next++) if (((bytes[at + next] ?? 0) & 0xc0) !== 0x80) return 0;
  const second = bytes[at + 1] ?? 0;
  // Overlong forms, surrogates, and what is beyond U+10FFFF.
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
  return length;
}
