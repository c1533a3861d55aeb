import { ToolError } from "../errors/tool-error.ts";
import type { ByteStream } from "./byte-stream.ts";
import { type Digest, digestAlgorithm, digestMismatch, newHasher, parseDigest } from "./digest.ts";

export interface ExpectedContent {
  readonly digest?: Digest;
  /** Bytes; undefined or -1 when not known. */
  readonly size?: number;
  /** Names the content in errors; default: the digest. */
  readonly what?: string;
}

/**
 * The same bytes; throws corrupt as soon as there are more than `size`, and at the end when there were fewer or the digest
 * differs. What was read must not be used as true before the stream has ended.
 */
export async function* verifyingStream(stream: ByteStream, expected: ExpectedContent): AsyncGenerator<Uint8Array> {
  const what = expected.what ?? expected.digest ?? "data";
  const limit = expected.size === undefined || expected.size < 0 ? undefined : expected.size;
  const digest = expected.digest === undefined ? undefined : parseDigest(expected.digest);
  const hasher = digest === undefined ? undefined : newHasher(digestAlgorithm(digest));
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (limit !== undefined && size > limit) throw sizeMismatch(what, limit, `more than ${limit}`);
    hasher?.update(chunk);
    yield chunk;
  }
  if (limit !== undefined && size !== limit) throw sizeMismatch(what, limit, String(size));
  const actual = hasher?.digest();
  if (digest !== undefined && actual !== undefined && actual !== digest) throw digestMismatch(digest, actual, what);
}

/** The same bytes, with their digest and size to be asked once the stream has ended. */
export function hashingStream(stream: ByteStream, algorithm = "sha256"): { readonly stream: ByteStream; digest(): Digest; size(): number } {
  const hasher = newHasher(algorithm);
  let size = 0;
  let result: Digest | undefined;
  async function* pass(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream) {
      size += chunk.length;
      hasher.update(chunk);
      yield chunk;
    }
    result = hasher.digest();
  }
  return {
    stream: pass(),
    digest() {
      if (result === undefined) throw new ToolError("invalid-state", "the digest was asked for before the stream had ended");
      return result;
    },
    size: () => size,
  };
}

function sizeMismatch(what: string, expected: number, got: string): ToolError {
  return new ToolError("corrupt", `${what}: size mismatch, expected ${expected} bytes, got ${got}`, { code: "size-mismatch" });
}
