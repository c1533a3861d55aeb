import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ByteStream } from "../transports/transport.ts";

/**
 * How ocicrypt seals a layer: AES-256 in counter mode, and an HMAC-SHA256 under the same key over the encrypted bytes. The secret half
 * of what opens it again is wrapped for each recipient, the public half stands beside it in the open.
 */
const CIPHER = "AES_256_CTR_HMAC_SHA256";
const KEY_BYTES = 32;
const NONCE_BYTES = 16;

export interface LayerKeys {
  /** JSON with the symmetric key and the nonce: to be wrapped. */
  readonly secret: Uint8Array;
  /** JSON with the cipher's name and the HMAC. */
  readonly open: Uint8Array;
}

/** Encrypts under a new random key. `keys` may be asked for when the stream has ended. */
export function encryptLayer(plain: ByteStream, digest: string): { readonly stream: ByteStream; keys(): LayerKeys } {
  const key = randomBytes(KEY_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const hmac = createHmac("sha256", key);
  let sealed: string | undefined;
  async function* encrypted(): AsyncGenerator<Uint8Array> {
    const cipher = createCipheriv("aes-256-ctr", key, nonce);
    for await (const chunk of plain) {
      const bytes = cipher.update(chunk);
      hmac.update(bytes);
      yield bytes;
    }
    sealed = hmac.digest("base64");
  }
  return {
    stream: encrypted(),
    keys() {
      if (sealed === undefined) throw new ToolError("invalid-state", "the layer's keys were asked for before it was encrypted");
      const secret = { symkey: key.toString("base64"), digest, cipheroptions: { nonce: nonce.toString("base64") } };
      return { secret: jsonBytes(secret), open: jsonBytes({ cipher: CIPHER, hmac: sealed, cipheroptions: {} }) };
    },
  };
}

/**
 * Decrypts with both halves.
 *
 * @throws corrupt for halves that are malformed; the stream throws it at its end when the bytes are not those that were sealed
 */
export function decryptLayer(encrypted: ByteStream, keys: LayerKeys): ByteStream {
  const secret = parseObject(keys.secret, "the layer's unwrapped key");
  const open = parseObject(keys.open, "the layer's public encryption options");
  if (open["cipher"] !== CIPHER) throw new ToolError("unsupported", `unsupported cipher type: ${String(open["cipher"] ?? "")}`);
  const key = base64(secret["symkey"]);
  const expected = base64(open["hmac"]);
  const nonce = base64(optionOf(open, "nonce") ?? optionOf(secret, "nonce"));
  if (key.length !== KEY_BYTES) throw new ToolError("corrupt", `invalid key length of ${key.length} bytes; need ${KEY_BYTES} bytes`);
  if (expected.length === 0) throw new ToolError("corrupt", "HMAC is not provided for decryption process");
  if (nonce.length !== NONCE_BYTES) throw new ToolError("corrupt", `the layer's nonce has ${nonce.length} bytes; need ${NONCE_BYTES}`);
  return decrypting(encrypted, { key, nonce, expected });
}

async function* decrypting(
  encrypted: ByteStream,
  of: { readonly key: Buffer; readonly nonce: Buffer; readonly expected: Buffer },
): AsyncGenerator<Uint8Array> {
  const cipher = createDecipheriv("aes-256-ctr", of.key, of.nonce);
  const hmac = createHmac("sha256", of.key);
  for await (const chunk of encrypted) {
    hmac.update(chunk);
    yield cipher.update(chunk);
  }
  const actual = hmac.digest();
  if (actual.length === of.expected.length && timingSafeEqual(actual, of.expected)) return;
  throw new ToolError(
    "corrupt",
    `could not properly decrypt byte stream; exp hmac: '${of.expected.toString("hex")}', actual hmac: '${actual.toString("hex")}'`,
    { code: "hmac-mismatch" },
  );
}

type Fields = Readonly<Record<string, unknown>>;

function optionOf(fields: Fields, name: string): unknown {
  const options = fields["cipheroptions"];
  return typeof options === "object" && options !== null ? (options as Fields)[name] : undefined;
}

function base64(value: unknown): Buffer {
  return Buffer.from(typeof value === "string" ? value : "", "base64");
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function parseObject(bytes: Uint8Array, what: string): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Fields;
  } catch {
    // Told below: what a key opened is not repeated.
  }
  throw new ToolError("corrupt", `${what} is not JSON`);
}
