import { createHash, type KeyObject, verify } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";
import { json } from "@sigstore/core";

/** What an entry of the transparency log must be about. */
export interface LoggedSignature {
  /** DER of the public key or certificate that the signature is checked with. */
  readonly keyOrCertificate: Uint8Array;
  readonly signature: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * Checks what Rekor promised of a log entry (the signed entry timestamp of a cosign signature's `bundle` annotation): that one of the keys
 * signed it, and that it is about this signature.
 *
 * @returns when the log took the entry
 * @throws denied with the reason
 */
export function verifyRekorSet(keys: readonly KeyObject[], set: string, about: LoggedSignature): Date {
  const { SignedEntryTimestamp: promise, Payload: payload } = parse(set, "Rekor SET", ["SignedEntryTimestamp", "Payload"]);
  // What is signed is the canonical form, which is also what is read here: the two cannot differ.
  const canonical = Buffer.from(json.canonicalize(payload));
  const signature = Buffer.from(text(promise, "SignedEntryTimestamp"), "base64");
  if (!keys.some((key) => isSignedBy(key, canonical, signature))) throw denied("cryptographic signature verification of Rekor SET failed");
  const entry = parse(canonical.toString("utf8"), "Rekor SET payload", ["body", "integratedTime", "logIndex", "logID"]);
  checkEntry(Buffer.from(text(entry["body"], "body"), "base64").toString("utf8"), about);
  const seconds = entry["integratedTime"];
  if (typeof seconds !== "number" || !Number.isSafeInteger(seconds)) throw denied("the time in the Rekor SET payload is no number");
  return new Date(seconds * 1000);
}

function isSignedBy(key: KeyObject, content: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify("sha256", content, key, signature);
  } catch {
    return false;
  }
}

/** The entry itself: a `hashedrekord` of version 0.0.1. */
function checkEntry(body: string, about: LoggedSignature): void {
  const record = parse(body, "body of a Rekor SET payload");
  if (record["kind"] !== "hashedrekord" || record["apiVersion"] !== "0.0.1")
    throw denied(`unsupported Rekor SET payload ${String(record["kind"])} version ${String(record["apiVersion"])}`);
  const spec = fields(record["spec"], "spec");
  const signature = fields(spec["signature"], "signature");
  const publicKey = pemContents(text(fields(signature["publicKey"], "signature.publicKey")["content"], "signature.publicKey.content"));
  if (!publicKey.equals(about.keyOrCertificate)) throw denied("publicKey in Rekor SET does not match");
  if (!Buffer.from(text(signature["content"], "signature.content"), "base64").equals(about.signature))
    throw denied("signature in Rekor SET does not match");
  const hash = fields(fields(spec["data"], "data")["hash"], "data.hash");
  if (hash["algorithm"] !== "sha256") throw denied(`Unexpected "data.hash.algorithm" value ${JSON.stringify(hash["algorithm"])}`);
  const expected = createHash("sha256").update(about.payload).digest("hex");
  if (hash["value"] !== expected) throw denied("payload in Rekor SET does not match");
}

function pemContents(encoded: string): Buffer {
  const found = /^-----BEGIN ([A-Z0-9 ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----\r?\n?$/.exec(
    Buffer.from(encoded, "base64").toString("latin1"),
  );
  if (found?.[2] === undefined) throw denied("publicKey in Rekor SET is not one block in PEM format");
  return Buffer.from(found[2], "base64");
}

type Fields = Readonly<Record<string, unknown>>;

function parse(source: string, what: string, exactly?: readonly string[]): Fields {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw new ToolError("denied", `parsing ${what}`, { code: "policy-rejected", cause: error });
  }
  const found = fields(value, what);
  if (exactly === undefined) return found;
  const keys = Object.keys(found);
  if (keys.length !== exactly.length || !exactly.every((key) => keys.includes(key)))
    throw denied(`${what} must have exactly ${exactly.join(", ")}`);
  return found;
}

function fields(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw denied(`Missing "${what}" field in hashedrekord`);
}

function text(value: unknown, what: string): string {
  if (typeof value === "string") return value;
  throw denied(`"${what}" in Rekor SET is no text`);
}

function denied(reason: string): ToolError {
  return new ToolError("denied", reason, { code: "policy-rejected" });
}
