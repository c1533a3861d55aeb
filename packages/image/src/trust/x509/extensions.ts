import type { ASN1Obj } from "@sigstore/core";
import { type Certificate, decodeDer } from "./certificate.ts";

/** Object identifiers of extensions (RFC 5280, 4.2). */
export const EXTENSION = {
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  crlDistributionPoints: "2.5.29.31",
  certificatePolicies: "2.5.29.32",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;

export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  /** DER of what the extension says, unless it is one of those old ones that keep bare text. */
  readonly value: Buffer;
}

/** The certificate's extensions, in its order. */
export function extensionsOf({ parts }: Certificate): readonly Extension[] {
  return parts.extensions.map(({ subs }) => {
    const [id, second] = subs;
    return {
      id: id?.toOID() ?? "",
      critical: subs.length > 2 && second?.tag.isBoolean() === true && second.toBoolean(),
      value: subs.at(-1)?.value ?? Buffer.alloc(0),
    };
  });
}

/** One extension's contents; undefined when the certificate does not have it. */
export function extensionOf(certificate: Certificate, id: string): ASN1Obj | undefined {
  const found = extensionsOf(certificate).find((extension) => extension.id === id);
  return found === undefined ? undefined : decodeDer(found.value);
}

/** Names that the certificate is made out to besides its subject, by the tag of their kind: 1 mail addresses, 2 hosts, 7 IP addresses. */
export function alternativeNames(certificate: Certificate, kind: 1 | 2 | 7): readonly Buffer[] {
  const names = extensionOf(certificate, EXTENSION.subjectAltName)?.subs ?? [];
  return names.filter(({ tag }) => tag.isContextSpecific(kind)).map(({ value }) => value);
}

/** Purposes by object identifier; undefined when the certificate is not limited to any. */
export function purposesOf(certificate: Certificate): readonly string[] | undefined {
  return extensionOf(certificate, EXTENSION.extendedKeyUsage)?.subs.map((purpose) => purpose.toOID());
}

/** Whether it may sign certificates, and how many others may stand below it (undefined: any number). */
export function authorityOf(certificate: Certificate): { readonly isAuthority: boolean; readonly maximumBelow?: number } {
  const [ca, limit] = extensionOf(certificate, EXTENSION.basicConstraints)?.subs ?? [];
  const isAuthority = ca?.tag.isBoolean() === true && ca.toBoolean() && maySign(certificate);
  return { isAuthority, ...(limit === undefined ? {} : { maximumBelow: Number(limit.toInteger()) }) };
}

/** Key usage, when it is limited at all, must name keyCertSign: the sixth bit. */
function maySign(certificate: Certificate): boolean {
  const usage = extensionOf(certificate, EXTENSION.keyUsage);
  return usage === undefined || usage.toBitString()[5] === 1;
}
