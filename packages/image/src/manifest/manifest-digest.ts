import { type Digest, digestAlgorithm, digestMismatch, newHasher, parseDigest, sha256 } from "@containers/common/digest/digest";
import { guessMediaType } from "./guess-media-type.ts";
import { DOCKER_SCHEMA1_SIGNED } from "./media-types.ts";
import { signedPayload } from "./schema1/signed-payload.ts";

const SIGNATURES = new TextEncoder().encode('"signatures"');

/** The digest of a manifest: that of its bytes, but of a signed one of schema 1 that of what was signed. */
export function manifestDigest(bytes: Uint8Array): Digest {
  return sha256(digestedBytes(bytes));
}

/** As {@link manifestDigest}, with another algorithm. */
export function manifestDigestBy(algorithm: string, bytes: Uint8Array): Digest {
  return newHasher(algorithm).update(digestedBytes(bytes)).digest();
}

/** @throws corrupt (code digest-mismatch) when the manifest is not the one of this digest */
export function verifyManifest(bytes: Uint8Array, expected: Digest, what = `manifest ${expected}`): void {
  const digest = parseDigest(expected);
  const actual = manifestDigestBy(digestAlgorithm(digest), bytes);
  if (actual !== digest) throw digestMismatch(digest, actual, what);
}

function digestedBytes(bytes: Uint8Array): Uint8Array {
  // Nearly no manifest is one of these: the search spares the parsing.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(SIGNATURES)) return bytes;
  return guessMediaType(bytes) === DOCKER_SCHEMA1_SIGNED ? signedPayload(bytes) : bytes;
}
