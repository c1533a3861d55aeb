import { constants, createCipheriv, createDecipheriv, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ASN1Obj } from "@sigstore/core";
import { type Certificate, decodeDer, issuerAndSerial } from "../trust/x509/certificate.ts";
import { der } from "../trust/x509/der.ts";
import { type KeyUnwrapper, type KeyWrapper, keysAnnotation } from "./key-wrapping.ts";
import type { PrivateKey } from "./private-key.ts";

const ANNOTATION = keysAnnotation("pkcs7");

const OID = {
  data: "2a864886f70d010701",
  envelopedData: "2a864886f70d010703",
  rsaEncryption: "2a864886f70d010101",
  aes128Gcm: "608648016503040106",
  aes256Gcm: "60864801650304012e",
} as const;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Wraps as PKCS #7 enveloped data (RFC 5652): RSA for the key, AES-128-GCM for the content, in the encoding that ocicrypt writes. */
export function pkcs7Wrapper(recipients: readonly Certificate[]): KeyWrapper {
  return { annotation: ANNOTATION, wrap: async (secret) => envelope(secret, recipients) };
}

/** Opens with a private key, for the recipient that one of the certificates names. */
export function pkcs7Unwrapper(keys: readonly PrivateKey[], certificates: readonly Certificate[]): KeyUnwrapper {
  return {
    annotation: ANNOTATION,
    hasKeys: true,
    async unwrap(wrapped) {
      if (certificates.length === 0) {
        throw new ToolError("denied", "no x509 certificates found needed for PKCS7 decryption", {
          hint: "name the certificate with --decryption-key as well",
        });
      }
      const content = parseEnvelope(wrapped);
      for (const key of keys) {
        for (const certificate of certificates) {
          const opened = open(content, key, certificate);
          if (opened !== undefined) return opened;
        }
      }
      throw new ToolError("denied", "PKCS7: No suitable private key found for decryption");
    },
  };
}

function envelope(secret: Uint8Array, recipients: readonly Certificate[]): Uint8Array {
  const key = randomBytes(16);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-128-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  const parameters = der(0x30, der(0x84, nonce), der(0x02, Buffer.from([TAG_BYTES])));
  // Go's encoder marks this sequence as primitive, and its decoder skips one level: others must do so too.
  const algorithm = der(0x30, der(0x06, hex(OID.aes128Gcm)), der(0x10, parameters));
  const content = der(0x30, der(0x06, hex(OID.data)), algorithm, der(0xa0, der(0x04, sealed)));
  const infos = recipients.map((certificate) => recipientInfo(certificate, key)).sort(Buffer.compare);
  const enveloped = der(0x30, der(0x02, Buffer.from([0])), der(0x31, ...infos), content);
  return der(0x30, der(0x06, hex(OID.envelopedData)), der(0xa0, enveloped));
}

function recipientInfo(certificate: Certificate, key: Buffer): Buffer {
  const { publicKey } = certificate.x509;
  if (publicKey.asymmetricKeyType !== "rsa") throw new ToolError("unsupported", "pkcs7: only RSA keys are supported");
  const encrypted = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key);
  const { issuer, serial } = issuerAndSerial(certificate);
  return der(
    0x30,
    der(0x02, Buffer.from([0])),
    der(0x30, issuer, der(0x02, serial)),
    der(0x30, der(0x06, hex(OID.rsaEncryption))),
    der(0x04, encrypted),
  );
}

interface Envelope {
  readonly recipients: ReadonlyArray<{
    readonly issuer: Buffer;
    readonly serial: Buffer;
    readonly algorithm: string;
    readonly key: Buffer;
  }>;
  readonly algorithm: string;
  readonly parameters: Buffer;
  readonly content: Buffer;
}

function parseEnvelope(bytes: Uint8Array): Envelope {
  try {
    const [type, wrapped] = decodeDer(bytes).subs;
    if (identifierOf(type) !== OID.envelopedData) throw new Error("it is no enveloped data");
    const [, infos, content] = wrapped?.subs[0]?.subs ?? [];
    const [, algorithm, encrypted] = content?.subs ?? [];
    return {
      recipients: (infos?.subs ?? []).map(({ subs: [, name, how, key] }) => ({
        issuer: name?.subs[0]?.toDER() ?? Buffer.alloc(0),
        serial: name?.subs[1]?.value ?? Buffer.alloc(0),
        algorithm: identifierOf(how?.subs[0]),
        key: key?.value ?? Buffer.alloc(0),
      })),
      algorithm: identifierOf(algorithm?.subs[0]),
      parameters: algorithm?.subs[1]?.value ?? Buffer.alloc(0),
      content: octets(encrypted),
    };
  } catch (error) {
    throw new ToolError("corrupt", "could not parse PKCS7 packet", { cause: error });
  }
}

function open(of: Envelope, key: KeyObject, certificate: Certificate): Uint8Array | undefined {
  const { issuer, serial } = issuerAndSerial(certificate);
  const mine = of.recipients.find((recipient) => recipient.issuer.equals(issuer) && recipient.serial.equals(serial));
  if (mine === undefined || mine.algorithm !== OID.rsaEncryption) return undefined;
  const bits = of.algorithm === OID.aes128Gcm ? 128 : of.algorithm === OID.aes256Gcm ? 256 : undefined;
  if (bits === undefined) return undefined;
  try {
    const [nonce] = decodeDer(of.parameters).subs;
    const contentKey = withoutPadding(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, mine.key));
    const cipher = createDecipheriv(`aes-${bits}-gcm`, contentKey, nonce?.value ?? Buffer.alloc(0), { authTagLength: TAG_BYTES });
    cipher.setAuthTag(of.content.subarray(-TAG_BYTES));
    return Buffer.concat([cipher.update(of.content.subarray(0, -TAG_BYTES)), cipher.final()]);
  } catch {
    return undefined;
  }
}

/** The runtime does not decrypt PKCS #1 version 1.5 by itself (a server that did would be an oracle); a file that the user opens is none. */
function withoutPadding(block: Buffer): Buffer {
  const end = block.indexOf(0, 2);
  if (block[0] !== 0 || block[1] !== 2 || end < 10) throw new ToolError("denied", "the key was wrapped for another");
  return block.subarray(end + 1);
}

/** The bytes of an object identifier, in hex. */
function identifierOf(object: ASN1Obj | undefined): string {
  return object?.value.toString("hex") ?? "";
}

/** The encrypted content is one octet string, or several in a constructed one. */
function octets(object: ASN1Obj | undefined): Buffer {
  if (object === undefined) return Buffer.alloc(0);
  return object.tag.constructed ? Buffer.concat(object.subs.map((part) => part.value)) : object.value;
}

function hex(text: string): Buffer {
  return Buffer.from(text, "hex");
}
