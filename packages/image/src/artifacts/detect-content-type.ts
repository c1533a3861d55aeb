/**
 * The media type that a content's first bytes tell, by the tables of the WHATWG's MIME Sniffing Standard (sections 6 and 7) that Go's
 * `http.DetectContentType` follows: what the original writes into an artifact.
 */
export function detectContentType(head: Uint8Array): string {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  const text = bytes.toString("latin1");
  const trimmed = text.replace(/^[\t\n\f\r ]+/, "");
  if (HTML.test(trimmed)) return "text/html; charset=utf-8";
  if (trimmed.startsWith("<?xml")) return "text/xml; charset=utf-8";
  for (const [mark, type] of MARKS) if (mark.test(text)) return type;
  if (isMp4(bytes)) return "video/mp4";
  return BINARY.test(text) ? "application/octet-stream" : "text/plain; charset=utf-8";
}

const HTML = /^<(?:!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B|BODY|BR|P)[ >]|^<!--/i;
/** Control characters that no text has. */
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

const MARKS: ReadonlyArray<readonly [RegExp, string]> = [
  [/^%PDF-/, "application/pdf"],
  [/^%!PS-Adobe-/, "application/postscript"],
  [/^\xfe\xff/, "text/plain; charset=utf-16be"],
  [/^\xff\xfe/, "text/plain; charset=utf-16le"],
  [/^\xef\xbb\xbf/, "text/plain; charset=utf-8"],
  [/^\x00\x00\x01\x00|^\x00\x00\x02\x00/, "image/x-icon"],
  [/^BM/, "image/bmp"],
  [/^GIF8[79]a/, "image/gif"],
  [/^RIFF[^]{4}WEBPVP/, "image/webp"],
  [/^\x89PNG\r\n\x1a\n/, "image/png"],
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^FORM[^]{4}AIFF/, "audio/aiff"],
  [/^ID3/, "audio/mpeg"],
  [/^OggS\0/, "application/ogg"],
  [/^MThd\0\0\0\x06/, "audio/midi"],
  [/^RIFF[^]{4}AVI /, "video/avi"],
  [/^RIFF[^]{4}WAVE/, "audio/wave"],
  [/^\x1a\x45\xdf\xa3/, "video/webm"],
  [/^[^]{34}LP/, "application/vnd.ms-fontobject"],
  [/^\0\x01\0\0/, "font/ttf"],
  [/^OTTO/, "font/otf"],
  [/^ttcf/, "font/collection"],
  [/^wOFF/, "font/woff"],
  [/^wOF2/, "font/woff2"],
  [/^\x1f\x8b\x08/, "application/x-gzip"],
  [/^PK\x03\x04/, "application/zip"],
  [/^Rar!\x1a\x07\0|^Rar!\x1a\x07\x01\0/, "application/x-rar-compressed"],
  [/^\0asm/, "application/wasm"],
];

/** A `ftyp` box one of whose brands begins with `mp4` (section 6.2.1). */
function isMp4(bytes: Buffer): boolean {
  if (bytes.length < 12) return false;
  const size = bytes.readUInt32BE(0);
  if (size % 4 !== 0 || bytes.length < size || bytes.toString("latin1", 4, 8) !== "ftyp") return false;
  for (let at = 8; at < size; at += 4) if (at !== 12 && bytes.toString("latin1", at, at + 3) === "mp4") return true;
  return false;
}
