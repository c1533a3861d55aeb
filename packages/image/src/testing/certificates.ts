import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { der } from "../trust/x509/der.ts";

/** Certificates for tests, made on the spot: a CA, what it signs, and whatever is wrong with it. */

export interface TestCertificate {
  readonly pem: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly name: string;
}

export interface CertificateWish {
  /** Common name. */
  readonly name: string;
  /** Who signs; itself by default. */
  readonly issuer?: TestCertificate;
  readonly keyType?: "ec" | "rsa";
  readonly ca?: boolean;
  /** The key to certify, when somebody else holds it. */
  readonly subjectKey?: KeyObject;
  readonly emails?: readonly string[];
  readonly hosts?: readonly string[];
  /** Purposes as object identifiers in hex; code signing by default for what is no CA, `[]` for none. */
  readonly purposes?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** More extensions: object identifier in hex and value. */
  readonly extensions?: ReadonlyArray<{ readonly id: string; readonly value: Uint8Array; readonly critical?: boolean }>;
}

const CODE_SIGNING = "2b06010505070303";
export const SERVER_AUTH = "2b06010505070301";
const HOUR = 3_600_000;

export function makeCertificate(wish: CertificateWish): TestCertificate {
  const keys =
    wish.keyType === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = wish.issuer ?? { ...keys, name: wish.name };
  const algorithm =
    signer.privateKey.asymmetricKeyType === "rsa" ? der(0x30, oid("2a864886f70d01010b"), der(0x05)) : der(0x30, oid("2a8648ce3d040302"));
  const serial = randomBytes(8);
  serial[0] = 1;
  const toSign = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    nameOf(signer.name),
    der(0x30, time(wish.notBefore ?? new Date(Date.now() - HOUR)), time(wish.notAfter ?? new Date(Date.now() + HOUR))),
    nameOf(wish.name),
    (wish.subjectKey ?? keys.publicKey).export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, ...extensionsOf(wish))),
  );
  const signature = sign("sha256", toSign, signer.privateKey);
  const bytes = der(0x30, toSign, algorithm, der(0x03, Buffer.from([0]), signature));
  const pem = `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64").replace(/.{64}/g, "$&\n").trimEnd()}\n-----END CERTIFICATE-----\n`;
  return { pem, privateKey: keys.privateKey, publicKey: wish.subjectKey ?? keys.publicKey, name: wish.name };
}

function extensionsOf(wish: CertificateWish): Buffer[] {
  const ca = wish.ca === true;
  const purposes = wish.purposes ?? (ca ? [] : [CODE_SIGNING]);
  const names = [
    ...(wish.emails ?? []).map((email) => der(0x81, Buffer.from(email))),
    ...(wish.hosts ?? []).map((host) => der(0x82, Buffer.from(host))),
  ];
  return [
    extension("551d13", ca ? der(0x30, der(0x01, Buffer.from([0xff]))) : der(0x30), true),
    extension("551d0f", der(0x03, Buffer.from(ca ? [1, 0x06] : [7, 0x80])), true),
    ...(purposes.length === 0 ? [] : [extension("551d25", der(0x30, ...purposes.map(oid)))]),
    ...(names.length === 0 ? [] : [extension("551d11", der(0x30, ...names), true)]),
    ...(wish.extensions ?? []).map(({ id, value, critical }) => extension(id, value, critical)),
  ];
}

function extension(id: string, value: Uint8Array, critical = false): Buffer {
  return der(0x30, oid(id), ...(critical ? [der(0x01, Buffer.from([0xff]))] : []), der(0x04, value));
}

function nameOf(commonName: string): Buffer {
  return der(0x30, der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from(commonName)))));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** GeneralizedTime serves beyond 2049 too; certificates should write earlier years as UTCTime. */
function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}
