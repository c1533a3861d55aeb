import { manifestDigest } from "../../manifest/manifest-digest.ts";
import type { NamedReference } from "../../reference/reference.ts";
import { gpgSign } from "../gpg.ts";
import { buildPayload } from "./payload.ts";

export interface SignWithGpg {
  /** Fingerprint, or whatever else gpg takes for a key's name. */
  readonly key: string;
  /** A file whose first line is the key's passphrase; default: gpg's agent asks. */
  readonly passphraseFile?: string;
  /** Written into the signature: who made it. */
  readonly creator: string;
}

/** A signature over a manifest under this name, as containers-signature(5) describes it. */
export async function signManifest(manifest: Uint8Array, reference: NamedReference, how: SignWithGpg): Promise<Uint8Array> {
  const payload = buildPayload(
    { digest: manifestDigest(manifest), reference: reference.toString() },
    { creator: how.creator, time: new Date() },
  );
  return await gpgSign(payload, how.key, how.passphraseFile);
}
