import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { temporaryDirectory } from "../blob-file.ts";
import type { ImageContext } from "../transport.ts";

/** A path for an archive on its way from or to a daemon. */
export function temporaryPath(context: ImageContext): string {
  return join(temporaryDirectory(context.temporaryDirectory), `docker-daemon-${randomUUID()}.tar`);
}
