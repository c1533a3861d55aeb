import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { AT_FDCWD, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import { writeStream } from "../../cli/write-stream.ts";
import { findPlace } from "../../containers/copy/place.ts";
import { unpackInto } from "../../containers/copy/unpack.ts";
import type { Service } from "../service.ts";
import { exportImages } from "./deeds.ts";

export interface RemoteSave {
  readonly format: string;
  /** A file, or a directory for the formats that are one; absent: standard output. */
  readonly output: string | undefined;
  readonly compress: boolean;
  readonly acceptUncompressed: boolean;
}

/** Writes images of the service to an archive or directory of this machine. */
export async function saveImages(service: Service, names: readonly string[], options: RemoteSave): Promise<void> {
  const stream = await exportImages(service, names, options);
  if (options.format.endsWith("-dir")) return unpackDirectory(stream, options.output ?? "");
  await writeStream(stream, options.output);
}

async function unpackDirectory(stream: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  mkdirSync(path, { recursive: true });
  const sys = linuxSys();
  const fd = sys.openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, 0);
  try {
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
    await unpackInto(sys, findPlace(sys, { fd }, resolve(path)), stream, { owner, overwrite: true, withoutDevices: true });
  } finally {
    sys.close(fd);
  }
}
