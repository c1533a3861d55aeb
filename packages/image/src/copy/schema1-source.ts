import { closeSync } from "node:fs";
import { type ByteStream, drain, streamOf } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { hashingStream, verifyingStream } from "@containers/common/digest/verifying-stream";
import { wrapError } from "@containers/common/errors/tool-error";
import { DOCKER_MANIFEST } from "../manifest/media-types.ts";
import type { Schema1 } from "../manifest/schema1/schema1.ts";
import { changingLayers, toSchema2 } from "../manifest/schema1/to-schema2.ts";
import { openUnnamedFile, readRange, temporaryDirectory, writeStream } from "../transports/blob-file.ts";
import type { ImageContext, ImageSource, RawManifest } from "../transports/transport.ts";
import { decompressAny } from "./compression.ts";

interface Fetched {
  readonly fd: number;
  readonly size: number;
  readonly diffId: string;
}

/**
 * An image of the first schema, read as one of the second. Its manifest tells neither sizes nor diff ids, so that the layers are fetched first, into
 * nameless files that go with `close`; the source below stays the caller's.
 */
export async function openSchema1Converted(
  below: ImageSource,
  manifest: Schema1,
  context: ImageContext,
): Promise<{ readonly source: ImageSource; readonly manifest: RawManifest; close(): void }> {
  const fetched = new Map<string, Fetched>();
  const close = (): void => {
    for (const { fd } of fetched.values()) closeSync(fd);
    fetched.clear();
  };
  try {
    const digests = changingLayers(manifest);
    for (const digest of new Set(digests)) fetched.set(digest, await fetchLayer(below, digest, context));
    const facts = digests.map((digest) => fetched.get(digest)).filter((layer) => layer !== undefined);
    const converted = toSchema2(manifest, facts);
    const raw = { bytes: converted.manifest, mediaType: DOCKER_MANIFEST };
    const source: ImageSource = {
      reference: below.reference,
      parallelBlobs: true,
      manifest: async () => raw,
      async blob(info, options) {
        if (info.digest === sha256(converted.config)) return { stream: streamOf(converted.config), size: converted.config.length };
        const layer = fetched.get(info.digest);
        return layer === undefined ? await below.blob(info, options) : { stream: readRange(layer.fd, 0, layer.size), size: layer.size };
      },
      signatures: async () => [],
      close: async () => undefined,
    };
    return { source, manifest: raw, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function fetchLayer(below: ImageSource, digest: string, context: ImageContext): Promise<Fetched> {
  const fd = openUnnamedFile(temporaryDirectory(context.temporaryDirectory));
  try {
    const { stream } = await below.blob({ digest, size: -1 });
    const size = await writeStream(fd, verifyingStream(whileNotAborted(stream, context.signal), { digest, what: `blob ${digest}` }));
    const plain = hashingStream((await decompressAny(readRange(fd, 0, size))).stream);
    await drain(plain.stream);
    return { fd, size, diffId: plain.digest() };
  } catch (error) {
    closeSync(fd);
    throw wrapError(`copying blob ${digest}`, error);
  }
}

async function* whileNotAborted(stream: ByteStream, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
