import { createReadStream, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { ByteStream } from "@containers/storage/store";
import { joinPath } from "../containerfile/instructions/add-copy.ts";

/** A file that `--add-file SOURCE[:DESTINATION]` puts into the image beside what the container holds. */
export interface AddedFile {
  readonly source: string;
  /** Absolute in the image. */
  readonly destination: string;
}

/** Throws invalid-argument and not-found. */
export function parseAddedFile(text: string): AddedFile {
  const colon = text.lastIndexOf(":");
  const source = resolve(colon === -1 ? text : text.slice(0, colon));
  const destination = colon === -1 ? joinPath(basename(source)) : joinPath(text.slice(colon + 1));
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(source);
  } catch (error) {
    throw wrapError(`checking on --add-file source ${source}`, error);
  }
  if (!stat?.isFile())
    throw new ToolError("invalid-argument", `parsing --add-file argument ${JSON.stringify(text)}: ${source} is not a regular file`);
  return { source, destination };
}

/** The files as a layer's archive: owned by root, with their own modes and times. */
export async function* addedFilesArchive(files: readonly AddedFile[]): ByteStream & AsyncGenerator<Uint8Array> {
  const { pack } = await import("tar-stream");
  const archive = pack();
  const writing = (async () => {
    for (const { source, destination } of files) {
      const stat = statSync(source);
      const header = { name: destination.slice(1), mode: stat.mode & 0o7777, uid: 0, gid: 0, mtime: stat.mtime, size: stat.size };
      const entry = archive.entry(header);
      createReadStream(source).pipe(entry);
      await finished(entry);
    }
    archive.finalize();
  })();
  writing.catch((error) => archive.destroy(error));
  for await (const chunk of archive) if (chunk instanceof Uint8Array) yield chunk;
  await writing;
}

/** The archive without the empty blocks at its end, so that another can follow. */
export async function* withoutEnd(archive: ByteStream): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array();
  for await (const chunk of archive) {
    held = Buffer.concat([held, chunk]);
    if (held.length <= END) continue;
    yield held.subarray(0, held.length - END);
    held = held.subarray(held.length - END);
  }
}

/** Two blocks of zeros. */
const END = 1024;
