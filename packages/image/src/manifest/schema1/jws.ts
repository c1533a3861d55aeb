import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";

/**
 * What a signed manifest of schema 1 is the digest of: its bytes before the signatures were put in. The signatures themselves say nothing: anybody may make
 * one, with any key.
 *
 * @throws corrupt
 */
export function signedPayload(manifest: Uint8Array): Uint8Array {
  const protectedHeaders = protectedHeadersOf(manifest);
  const [first] = protectedHeaders;
  if (first === undefined || protectedHeaders.some(({ length, tail }) => length !== first.length || tail !== first.tail))
    throw new ToolError("corrupt", "the manifest's signatures do not agree on what they sign");
  if (first.length > manifest.length) throw new ToolError("corrupt", "the manifest is shorter than its signatures say");
  return Buffer.concat([manifest.subarray(0, first.length), Buffer.from(first.tail, "base64url")]);
}

interface ProtectedHeader {
  readonly length: number;
  readonly tail: string;
}

function protectedHeadersOf(manifest: Uint8Array): readonly ProtectedHeader[] {
  try {
    const { signatures } = JSON.parse(new TextDecoder().decode(manifest)) as {
      readonly signatures?: ReadonlyArray<{ protected?: unknown }>;
    };
    return (signatures ?? []).map((one) => {
      const header = JSON.parse(Buffer.from(String(one.protected), "base64url").toString("utf8")) as {
        readonly formatLength?: unknown;
        readonly formatTail?: unknown;
      };
      const { formatLength, formatTail } = header;
      if (typeof formatLength !== "number" || !Number.isSafeInteger(formatLength) || formatLength < 0 || typeof formatTail !== "string")
        throw new ToolError("corrupt", "a signature does not tell what it signs");
      return { length: formatLength, tail: formatTail };
    });
  } catch (error) {
    throw new ToolError("corrupt", "parsing the manifest's signatures", { cause: error });
  }
}

/** The manifest with a signature of a key that is forgotten at once: registries want one, and look at nothing in it. */
export function signWithPassingKey(payload: string, now: Date = new Date()): Uint8Array {
  const closing = payload.lastIndexOf("}");
  const kept = payload.slice(0, closing).trimEnd();
  const tail = payload.slice(kept.length);
  const header = {
    formatLength: Buffer.byteLength(kept),
    formatTail: Buffer.from(tail).toString("base64url"),
    time: now.toISOString().replace(/\.\d+Z$/, "Z"),
  };
  const protectedHeader = Buffer.from(JSON.stringify(header)).toString("base64url");
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const signed = Buffer.from(`${protectedHeader}.${Buffer.from(payload).toString("base64url")}`);
  const signature = sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const kid = keyId(publicKey.export({ format: "der", type: "spki" }));
  const jwk = { crv: "P-256", kid, kty: "EC", x, y };
  const signatures = [{ header: { jwk, alg: "ES256" }, signature, protected: protectedHeader }];
  return Buffer.from(`${kept},"signatures":${JSON.stringify(signatures)}}`);
}

/** How libtrust names a key: 240 bits of its digest in base32, in groups of four. */
function keyId(der: Uint8Array): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...createHash("sha256").update(der).digest().subarray(0, 30)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const letters = (bits.match(/.{5}/g) ?? []).map((group) => alphabet[Number.parseInt(group, 2)] ?? "").join("");
  return (letters.match(/.{4}/g) ?? []).join(":");
}
