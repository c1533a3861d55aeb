import { createPublicKey, sign, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { generateSigstoreKey, openSigstoreKey } from "./private-key.ts";

describe("sigstore private keys", () => {
  const pair = generateSigstoreKey("open sesame");

  it("sign what their public key verifies", () => {
    const text = Buffer.from("signed");
    const signature = sign("sha256", text, openSigstoreKey(pair.privateKey, "open sesame"));
    expect(verify("sha256", text, createPublicKey(pair.publicKey), signature)).toBe(true);
  });

  it("stay closed to another passphrase", () => {
    expect(() => openSigstoreKey(pair.privateKey, "open sesam")).toThrow(/passphrase is wrong/);
  });

  it.each([
    ["nothing", "", /no ENCRYPTED SIGSTORE PRIVATE KEY/],
    ["a public key", pair.publicKey, /no ENCRYPTED SIGSTORE PRIVATE KEY/],
    ["a torn file", pair.privateKey.slice(0, 200), /parsing private key/],
    ["a greedy one", pem({ kdf: { name: "scrypt", params: { N: 2 ** 30, r: 8, p: 1 }, salt: "AA==" } }), /decrypting/],
    ["another seal", pem({ cipher: { name: "aes", nonce: "AA==" } }), /parsing private key/],
  ])("are refused: %s", (_, text, message) => {
    expect(() => openSigstoreKey(text, "x")).toThrow(message);
  });
});

function pem(changes: object): string {
  const sound = {
    kdf: { name: "scrypt", params: { N: 16, r: 1, p: 1 }, salt: "AA==" },
    cipher: { name: "nacl/secretbox", nonce: Buffer.alloc(24).toString("base64") },
    ciphertext: "AAAA",
  };
  const label = "ENCRYPTED COSIGN PRIVATE KEY";
  return `-----BEGIN ${label}-----\n${Buffer.from(JSON.stringify({ ...sound, ...changes })).toString("base64")}\n-----END ${label}-----\n`;
}
