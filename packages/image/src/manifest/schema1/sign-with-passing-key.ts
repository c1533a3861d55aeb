import { createHash, generateKeyPairSync, sign } from "node:crypto";

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
