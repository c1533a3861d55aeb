import { closeSync, openSync, rmSync } from "node:fs";
import { openArchive } from "../archive-file/archive-reader.ts";
import { temporaryDirectory, writeStream } from "../blob-file.ts";
import { openDockerArchiveSource } from "../docker-archive/source.ts";
import type { ImageContext, ImageReference, ImageSource } from "../transport.ts";
import { daemonRequest } from "./daemon-client.ts";
import { temporaryPath } from "./temporary-path.ts";

/** Opens an image of a daemon: what `docker save` would write, spooled to a file that goes with {@link ImageSource.close}. */
export async function openDockerDaemonSource(reference: ImageReference, context: ImageContext): Promise<ImageSource> {
  const path = temporaryPath(context);
  try {
    const response = await daemonRequest(context, `/images/get?names=${encodeURIComponent(reference.withinTransport)}`);
    const fd = openSync(path, "wx", 0o600);
    try {
      await writeStream(fd, response.stream());
    } finally {
      closeSync(fd);
    }
    const reader = await openArchive(path, temporaryDirectory(context.temporaryDirectory));
    // The reader holds the file open.
    rmSync(path);
    const source = await openDockerArchiveSource(reference, { name: { path }, context, reader }).catch((error: unknown) => {
      reader.close();
      throw error;
    });
    return { ...source, close: async () => reader.close() };
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}
