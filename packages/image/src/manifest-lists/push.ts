import { ToolError } from "@containers/common/errors/tool-error";
import { copyImage } from "../copy/copy-image.ts";
import type { CopyOptions, CopyReport } from "../copy/copy-options.ts";
import type { CompressionFormat } from "../copy/recompress.ts";
import { copyOptions, pushCompression } from "../local-images/copy-options.ts";
import type { LocalImages } from "../local-images/local-images.ts";
import { signerFor } from "../local-images/push.ts";
import { retriesFor, withRetries } from "../local-images/retry.ts";
import { parseImageName, transportOf } from "../transports/register.ts";
import type { SigningKeys } from "../trust/signer.ts";
import { requireList } from "./list-record.ts";
import { listReference } from "./list-reference.ts";

export interface PushListOptions extends Pick<CopyOptions, "format" | "compression" | "removeSignatures"> {
  /** The images as well; else the list alone, whose images must be there already. */
  readonly all: boolean;
  /** Compressions (`gzip`, `zstd`, `zstd:chunked`) that every platform is to have: what is missing is added to the list that is pushed. */
  readonly addCompression?: readonly string[];
  /** Sign the list and its images, under the destination's name. */
  readonly signBy?: SigningKeys;
  readonly retries?: number;
  /** Milliseconds. */
  readonly retryDelay?: number;
}

/**
 * Copies a list to a registry or another place.
 *
 * @returns the digest of the list as it is there
 */
export async function pushList(
  images: LocalImages,
  name: string,
  destination: string,
  options: PushListOptions,
): Promise<{ readonly digest: string }> {
  const list = requireList(images, name);
  const target = parseImageName(transportOf(destination) === undefined ? `docker://${destination}` : destination);
  const { all, retries, retryDelay, signBy, addCompression = [], ...given } = options;
  const copy = { ...given, compression: await pushCompression(images, given.compression) };
  const sign = signBy === undefined ? undefined : await signerFor(target, signBy);
  const attempt = async (): Promise<CopyReport> =>
    copyImage(listReference(images, list), target, {
      ...(await copyOptions(images, { fromStore: true })),
      ...copy,
      sign,
      ensureCompressions: addCompression.map(replicated),
      multiArch: all ? "all" : "index-only",
    });
  const report = await withRetries(attempt, retriesFor(images, { retries, retryDelay }));
  return { digest: report.digest };
}

function replicated(text: string): CompressionFormat {
  if (text === "gzip" || text === "zstd" || text === "zstd:chunked") return text;
  throw new ToolError("unsupported", `requested algorithm ${text} is not supported for replication`, {
    hint: "use gzip, zstd or zstd:chunked",
  });
}
