import { isDigest } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { goJsonBytes, sortKeys } from "../../manifest/go-json.ts";

/** What a simple signature says: containers-signature(5). */
export interface SignedClaim {
  /** Of the manifest. */
  readonly digest: string;
  /** The name under which the signer publishes it. */
  readonly reference: string;
}

const TYPE = "atomic container signature";
export const SIGSTORE_TYPE = "cosign container image signature";

/** The text to sign. */
export function buildPayload(claim: SignedClaim, options: { readonly creator: string; readonly time: Date }): Uint8Array {
  return goJsonBytes({
    critical: {
      identity: { "docker-reference": claim.reference },
      image: { "docker-manifest-digest": claim.digest },
      type: TYPE,
    },
    optional: { creator: options.creator, timestamp: Math.floor(options.time.getTime() / 1000) },
  });
}

/** The payload of a sigstore signature, as cosign writes it. */
export function buildSigstorePayload(claim: SignedClaim, optional: Readonly<Record<string, unknown>>): Uint8Array {
  return goJsonBytes({
    critical: {
      identity: { "docker-reference": claim.reference },
      image: { "docker-manifest-digest": claim.digest },
      type: SIGSTORE_TYPE,
    },
    optional: sortKeys(optional),
  });
}

/**
 * Reads a signed text. Everything critical must be there and known: what a signer found critical must not be passed over.
 *
 * @throws denied
 */
export function parsePayload(bytes: Uint8Array, type: string = TYPE): SignedClaim {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed("it is not JSON");
  }
  const top = exactly(parsed, ["critical", "optional"], "the signature");
  // cosign writes null when it has nothing to say.
  if (typeof top["optional"] !== "object") throw malformed("optional is not an object");
  const critical = exactly(top["critical"], ["identity", "image", "type"], "critical");
  if (critical["type"] !== type) throw malformed(`unrecognized signature type ${JSON.stringify(critical["type"])}`);
  const digest = exactly(critical["image"], ["docker-manifest-digest"], "image")["docker-manifest-digest"];
  const reference = exactly(critical["identity"], ["docker-reference"], "identity")["docker-reference"];
  if (typeof digest !== "string" || !isDigest(digest)) throw malformed("docker-manifest-digest is not a digest");
  if (typeof reference !== "string") throw malformed("docker-reference is not a text");
  return { digest, reference };
}

/** What a signed text says beyond what is critical: for people to read. */
export function optionalOf(bytes: Uint8Array): { readonly creator?: string; readonly timestamp?: number } {
  const { optional } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly optional: Readonly<Record<string, unknown>> | null };
  const { creator, timestamp } = optional ?? {};
  return { ...(typeof creator === "string" ? { creator } : {}), ...(typeof timestamp === "number" ? { timestamp } : {}) };
}

function exactly(value: unknown, keys: readonly string[], what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(`${what} is not an object`);
  const actual = Object.keys(value);
  if (actual.length !== keys.length || keys.some((key) => !actual.includes(key)))
    throw malformed(`${what} does not have exactly ${keys.join(", ")}`);
  return value as Readonly<Record<string, unknown>>;
}

function malformed(reason: string): ToolError {
  return new ToolError("denied", `invalid signature: ${reason}`, { code: "signature-invalid" });
}
