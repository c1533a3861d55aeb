import { parseSize } from "@containers/common/cli/flag-values/size";
import { ToolError } from "@containers/common/errors/tool-error";

/** Raises or lowers the bytes that a small compressed layer may unpack to: `64g`. */
export const UNPACK_LIMIT_VARIABLE = "CONTAINERS_UNPACK_LIMIT";

const DEFAULT_LIMIT = 16 * 2 ** 30;
/** Real layers, disk images with long runs of zeros among them, stay far below; gzip alone reaches 1032, zstd much more. */
const RATIO = 200;

/**
 * Guards against decompression bombs: a function to call with the bytes read and made so far. It throws `corrupt` when a layer has unpacked to
 * more than 16 GiB (or what the environment's `CONTAINERS_UNPACK_LIMIT` says) and to more than 200 times its compressed size.
 */
export function unpackGuard(env: Readonly<Record<string, string | undefined>> = process.env): (read: number, made: number) => void {
  const limit = limitOf(env[UNPACK_LIMIT_VARIABLE]);
  return (read, made) => {
    if (made <= limit || made <= read * RATIO) return;
    throw new ToolError(
      "corrupt",
      `the layer unpacks to more than ${limit} bytes and ${RATIO} times what was read, as a decompression bomb does`,
      { code: "unpack-limit", hint: `if you trust the image, allow more with ${UNPACK_LIMIT_VARIABLE}, in bytes or as 100g` },
    );
  };
}

function limitOf(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_LIMIT;
  const limit = parseSize(text);
  if (limit === undefined || limit < 0) throw new ToolError("invalid-argument", `${UNPACK_LIMIT_VARIABLE}: invalid size "${text}"`);
  return limit;
}
