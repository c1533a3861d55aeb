import { randomUUID } from "node:crypto";
import type { ByteStream } from "@containers/common/digest/byte-stream";

export interface FormFile {
  readonly name: string;
  readonly fileName: string;
  /** Opened when its turn comes. */
  readonly content: () => ByteStream;
}

/** A body of type `multipart/form-data` (RFC 7578): parts that say nothing but their type first, then files. */
export function fileForm(
  files: readonly FormFile[],
  first: ReadonlyArray<{ readonly type: string; readonly text: string }> = [],
): { readonly stream: ByteStream; readonly contentType: string } {
  const boundary = randomUUID();
  return { stream: formStream(files, first, boundary), contentType: `multipart/form-data; boundary=${boundary}` };
}

async function* formStream(
  files: readonly FormFile[],
  first: ReadonlyArray<{ readonly type: string; readonly text: string }>,
  boundary: string,
): AsyncGenerator<Uint8Array> {
  for (const { type, text } of first) yield Buffer.from(`--${boundary}\r\ncontent-type: ${type}\r\n\r\n${text}\r\n`);
  for (const { name, fileName, content } of files) {
    const disposition = `form-data; name=${quoted(name)}; filename=${quoted(fileName)}`;
    yield Buffer.from(`--${boundary}\r\ncontent-disposition: ${disposition}\r\ncontent-type: application/octet-stream\r\n\r\n`);
    yield* content();
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
