/** Media types by the end of a name: those that Go knows without asking the machine. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  ".avif": "image/avif",
  ".css": "text/css",
  ".gif": "image/gif",
  ".gz": "application/gzip",
  ".htm": "text/html",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".tar": "application/x-tar",
  ".txt": "text/plain",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
  ".xml": "text/xml",
  ".zip": "application/zip",
};

const BY_MAGIC: ReadonlyArray<readonly [string, string]> = [
  ["%PDF-", "application/pdf"],
  ["\x1f\x8b\x08", "application/x-gzip"],
  ["PK\x03\x04", "application/zip"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["\xff\xd8\xff", "image/jpeg"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["\0asm", "application/wasm"],
  ["<?xml", "text/xml"],
];

/** What a file most likely is: by its name's end, else by its first bytes, else text or bytes. */
export function detectMediaType(name: string, beginning: Uint8Array): string {
  const dot = name.lastIndexOf(".");
  const byName = dot === -1 ? undefined : BY_EXTENSION[name.slice(dot).toLowerCase()];
  if (byName !== undefined) return byName;
  const text = Buffer.from(beginning).toString("latin1");
  const byMagic = BY_MAGIC.find(([magic]) => text.startsWith(magic));
  if (byMagic !== undefined) return byMagic[1];
  return /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/.test(text) ? "application/octet-stream" : "text/plain";
}
