import { ToolError } from "../errors/tool-error.ts";

/** `algorithm:lower-case-hex`, as the OCI image specification writes it. */
export type Digest = string;

/** The hashes that a digest may name, with the length of their hexadecimal form. */
const HEX_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** The digest, when it is well formed and of a known algorithm. Throws invalid-argument otherwise. */
export function parseDigest(text: string): Digest {
  const problem = digestProblem(text);
  if (problem !== undefined) throw new ToolError("invalid-argument", `invalid digest ${JSON.stringify(text)}: ${problem}`);
  return text;
}

/** True for a well-formed digest of a known algorithm. */
export function isDigest(text: string): boolean {
  return digestProblem(text) === undefined;
}

/** Why the text is no digest, in the words that users of the field know; undefined when it is one. */
export function digestProblem(text: string): string | undefined {
  const colon = text.indexOf(":");
  if (colon <= 0 || colon === text.length - 1) return "invalid checksum digest format";
  const length = HEX_LENGTHS[text.slice(0, colon)];
  const hex = text.slice(colon + 1);
  if (length === undefined) return "unsupported digest algorithm";
  if (hex.length !== length) return "invalid checksum digest length";
  return /^[0-9a-f]+$/.test(hex) ? undefined : "invalid checksum digest format";
}

/** The algorithm's name: `sha256`. The digest must be well formed. */
export function digestAlgorithm(digest: Digest): string {
  return digest.slice(0, digest.indexOf(":"));
}

/** The hexadecimal half. Safe as a file name, because the digest is checked here. */
export function digestHex(digest: Digest): string {
  return parseDigest(digest).slice(digest.indexOf(":") + 1);
}

/** sha256 of the bytes (text: of its UTF-8), as a digest. */
export function sha256(bytes: Uint8Array | string): Digest {
  return newHasher("sha256").update(bytes).digest();
}

/** Throws corrupt unless the bytes have this digest. `what` names them in the error. */
export function verifyBytes(bytes: Uint8Array, expected: Digest, what: string): void {
  const actual = newHasher(digestAlgorithm(parseDigest(expected)))
    .update(bytes)
    .digest();
  if (actual !== expected) throw digestMismatch(expected, actual, what);
}

/** The one error for bytes that are not what their digest says. */
export function digestMismatch(expected: Digest, actual: Digest, what: string): ToolError {
  return new ToolError("corrupt", `${what}: digest did not match, expected ${expected}, got ${actual}`, { code: "digest-mismatch" });
}

/** A running hash. */
export interface Hasher {
  update(bytes: Uint8Array | string): Hasher;
  /** The digest of all that was given; call it once. */
  digest(): Digest;
}

/** A hasher for `sha256`, `sha384` or `sha512`. */
export function newHasher(algorithm = "sha256"): Hasher {
  if (HEX_LENGTHS[algorithm] === undefined) throw new ToolError("unsupported", `unsupported digest algorithm ${JSON.stringify(algorithm)}`);
  // The runtime's own hasher: node:crypto gives the same one, but costs two milliseconds to load.
  const inner = new Bun.CryptoHasher(algorithm as "sha256" | "sha384" | "sha512");
  const hasher: Hasher = {
    update(bytes) {
      inner.update(bytes);
      return hasher;
    },
    digest: () => `${algorithm}:${inner.digest("hex")}`,
  };
  return hasher;
}
