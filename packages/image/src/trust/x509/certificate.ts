import { X509Certificate } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";
import { ASN1Obj, X509Certificate as ParsedCertificate } from "@sigstore/core";

/** A certificate: what the runtime knows of it, and its parts, of which the runtime hides most. */
export interface Certificate {
  readonly x509: X509Certificate;
  readonly parts: ParsedCertificate;
}

/**
 * A certificate in PEM or DER.
 *
 * @throws invalid-argument when the bytes are none
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  try {
    const x509 = new X509Certificate(bytes);
    return { x509, parts: new ParsedCertificate(decodeDer(x509.raw)) };
  } catch (error) {
    throw new ToolError("invalid-argument", "parsing certificate", { cause: error });
  }
}

/** The fields that name a certificate to others: its issuer as DER, its serial number as the bytes of an integer. */
export function issuerAndSerial({ parts }: Certificate): { readonly issuer: Buffer; readonly serial: Buffer } {
  const fields = parts.tbsCertificate.subs;
  // Certificates of version 1 begin without the version.
  const first = fields[0]?.tag.isContextSpecific(0) === true ? 1 : 0;
  const [number, , name] = fields.slice(first);
  if (number === undefined || name === undefined) throw new ToolError("invalid-argument", "a certificate without serial number or issuer");
  return { issuer: name.toDER(), serial: number.value };
}

/** Any DER. @throws what is no DER */
export function decodeDer(bytes: Uint8Array): ASN1Obj {
  return ASN1Obj.parseBuffer(Buffer.from(bytes));
}

/**
 * All certificates of a text in PEM, in its order; other blocks are passed over.
 *
 * @throws invalid-argument
 */
export function parseCertificates(pem: Uint8Array | string): readonly Certificate[] {
  const text = typeof pem === "string" ? pem : Buffer.from(pem).toString("latin1");
  return (text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map((block) =>
    parseCertificate(Buffer.from(block)),
  );
}
