import { type HeaderFields, tarEnd, tarHeader, tarPadding } from "../archive/write-tar.ts";

export interface TarPart extends Partial<Omit<HeaderFields, "size">> {
  readonly name: string;
  readonly content?: string | Uint8Array;
}

/** Builds an archive entry by entry, with any names and links whatever: what a hostile layer would have. */
export function buildTar(parts: readonly (TarPart | Uint8Array)[]): Buffer {
  const blocks: Uint8Array[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      blocks.push(part);
      continue;
    }
    const content = Buffer.from(part.content ?? "");
    const type = part.type ?? (part.name.endsWith("/") ? "directory" : "file");
    blocks.push(
      tarHeader({ mode: type === "directory" ? 0o755 : 0o644, uid: 0, gid: 0, mtime: 1_700_000_000, ...part, type, size: content.length }),
    );
    blocks.push(content, Buffer.alloc(tarPadding(content.length)));
  }
  return Buffer.concat([...blocks, tarEnd()]);
}
