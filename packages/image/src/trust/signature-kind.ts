/** What kind of signature some bytes are, told by their beginning: simple ones are OpenPGP messages, others name their format. */
export type SignatureKind = "simple" | "sigstore" | "unknown";

const SIGSTORE_PREFIX = "\0sigstore-json\n";

export function signatureKind(signature: Uint8Array): SignatureKind {
  const beginning = Buffer.from(signature.subarray(0, SIGSTORE_PREFIX.length)).toString("latin1");
  if (beginning === SIGSTORE_PREFIX) return "sigstore";
  // An OpenPGP message's first byte has its high bit set.
  return (signature[0] ?? 0) >= 0x80 ? "simple" : "unknown";
}

/** A sigstore signature as the dir and containers-storage places keep it. */
export interface SigstoreSignature {
  readonly mimeType: string;
  readonly payload: Uint8Array;
  readonly annotations: Readonly<Record<string, string>>;
}

export function encodeSigstoreSignature(signature: SigstoreSignature): Uint8Array {
  const { mimeType, payload, annotations } = signature;
  const json = JSON.stringify({ mimeType, payload: Buffer.from(payload).toString("base64"), annotations });
  return new TextEncoder().encode(SIGSTORE_PREFIX + json);
}

/** undefined when it is malformed. */
export function decodeSigstoreSignature(bytes: Uint8Array): SigstoreSignature | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes.subarray(SIGSTORE_PREFIX.length)));
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { mimeType, payload, annotations } = parsed as Readonly<Record<string, unknown>>;
    if (typeof mimeType !== "string" || typeof payload !== "string") return undefined;
    const texts = Object.entries(annotations ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return { mimeType, payload: new Uint8Array(Buffer.from(payload, "base64")), annotations: Object.fromEntries(texts) };
  } catch {
    return undefined;
  }
}
