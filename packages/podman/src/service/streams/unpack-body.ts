import { AT_FDCWD, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { decompress, detectCompression } from "@containers/storage/archive/compression";
import { findPlace } from "../../containers/copy/place.ts";
import { unpackInto } from "../../containers/copy/unpack.ts";

/** Unpacks a tar archive, packed or not, into a directory that is there. Nothing is written outside of it, and no devices. */
export async function unpackBody(sys: Sys, body: AsyncIterable<Buffer>, directory: string): Promise<void> {
  const { compression, stream } = await detectCompression(pieces(body));
  const fd = sys.openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0, 0);
  try {
    const options = { overwrite: true, withoutDevices: true };
    await unpackInto(sys, findPlace(sys, { fd }, "/"), decompress(stream, compression), options);
  } finally {
    sys.close(fd);
  }
}

async function* pieces(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* body;
}
