import type { KeyObject } from "node:crypto";
import { isIP } from "node:net";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { type Certificate, decodeDer, parseCertificates } from "../x509/certificate.ts";
import { alternativeNames, extensionsOf } from "../x509/extensions.ts";
import { verifyChain } from "../x509/verify-chain.ts";

/** Who may have signed, by certificates of Fulcio: the issuer of the identity, and the mail address. */
export interface FulcioTrust {
  readonly roots: readonly Certificate[];
  readonly oidcIssuer: string;
  readonly subjectEmail: string;
}

/** Who may have signed, by certificates of one's own authority. */
export interface PkiTrust {
  readonly roots: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly subjectEmail?: string;
  readonly subjectHostname?: string;
}

/** What a signature brings along: nothing of it is trusted. */
export interface UntrustedCertificates {
  readonly certificate: string;
  /** The others up to the root, in PEM. */
  readonly chain: string | undefined;
}

/** Where Fulcio writes who vouched for the identity: as bare text, and newer as DER. */
const ISSUER_V1 = "1.3.6.1.4.1.57264.1.1";
const ISSUER_V2 = "1.3.6.1.4.1.57264.1.8";

/** The key of a certificate that Fulcio issued to this identity, valid at that time. @throws denied */
export function fulcioKey(trust: FulcioTrust, untrusted: UntrustedCertificates, time: Date): KeyObject {
  const leaf = leafOf(untrusted);
  checkChain(leaf, { roots: trust.roots, intermediates: intermediatesOf(untrusted), time });
  const issuer = fulcioIssuer(leaf);
  if (issuer !== trust.oidcIssuer) throw denied(`Unexpected Fulcio OIDC issuer ${JSON.stringify(issuer)}`);
  checkEmail(leaf, trust.subjectEmail);
  return leaf.x509.publicKey;
}

/** The key of a certificate that the authority issued to this identity, valid now. @throws denied */
export function pkiKey(trust: PkiTrust, untrusted: UntrustedCertificates): KeyObject {
  const leaf = leafOf(untrusted);
  const intermediates = [...trust.intermediates, ...intermediatesOf(untrusted)];
  checkChain(leaf, { roots: trust.roots, intermediates, time: new Date() });
  if (trust.subjectEmail !== undefined) checkEmail(leaf, trust.subjectEmail);
  if (trust.subjectHostname !== undefined) checkHost(leaf, trust.subjectHostname);
  return leaf.x509.publicKey;
}

function checkChain(leaf: Certificate, trusted: Parameters<typeof verifyChain>[1]): void {
  try {
    verifyChain(leaf, trusted);
  } catch (error) {
    throw denied(`verifying leaf certificate failed: ${describeError(error)}`);
  }
}

function leafOf({ certificate }: UntrustedCertificates): Certificate {
  const [leaf, ...more] = parsed(certificate, "parsing leaf certificate");
  if (leaf === undefined) throw denied("no certificate found in signature certificate data");
  if (more.length > 0) throw denied("unexpected multiple certificates present in signature certificate data");
  return leaf;
}

/** The last of a chain is its root, which only the policy can say. */
function intermediatesOf({ chain }: UntrustedCertificates): readonly Certificate[] {
  return chain === undefined || chain === "" ? [] : parsed(chain, "loading certificate chain").slice(0, -1);
}

function parsed(pem: string, what: string): readonly Certificate[] {
  try {
    return parseCertificates(pem);
  } catch (error) {
    throw denied(`${what}: ${describeError(error)}`);
  }
}

function fulcioIssuer(leaf: Certificate): string {
  const extensions = extensionsOf(leaf);
  const first = extensions.find(({ id }) => id === ISSUER_V1)?.value.toString("utf8");
  const second = extensions.find(({ id }) => id === ISSUER_V2)?.value;
  const newer = second === undefined ? undefined : derText(second);
  if (first !== undefined && newer !== undefined && first !== newer)
    throw denied(`inconsistent OIDC issuer extension values: v1 ${JSON.stringify(first)}, v2 ${JSON.stringify(newer)}`);
  const issuer = first ?? newer;
  if (issuer === undefined) throw denied("Fulcio certificate is missing the issuer extension");
  return issuer;
}

/** UTF8String, PrintableString or IA5String. */
function derText(bytes: Buffer): string {
  try {
    const { tag, value } = decodeDer(bytes);
    if (tag.isUniversal() && [12, 19, 22].includes(tag.number)) return value.toString("utf8");
  } catch {
    // Told below.
  }
  throw denied("invalid ASN.1 in OIDC issuer v2 extension");
}

function checkEmail(leaf: Certificate, wanted: string): void {
  const found = alternativeNames(leaf, 1).map((name) => name.toString("latin1"));
  if (!found.includes(wanted)) throw denied(`Required email ${JSON.stringify(wanted)} not found (got ${JSON.stringify(found)})`);
}

function checkHost(leaf: Certificate, wanted: string): void {
  const address = /^\[(.*)\]$/.exec(wanted)?.[1] ?? wanted;
  const hosts = alternativeNames(leaf, 2).map((name) => name.toString("latin1"));
  const fits = isIP(address) === 0 ? hosts.some((host) => hostFits(host, wanted)) : leaf.x509.checkIP(address) !== undefined;
  if (!fits) throw denied(`Unexpected subject hostname: certificate is valid for ${hosts.join(", ")}, not ${wanted}`);
}

/** A star stands for one label, the first. */
function hostFits(pattern: string, host: string): boolean {
  const [first = "", ...rest] = pattern.toLowerCase().replace(/\.$/, "").split(".");
  const [label = "", ...others] = host.toLowerCase().replace(/\.$/, "").split(".");
  if (label === "" || rest.join(".") !== others.join(".")) return false;
  return first === label || (first === "*" && rest.length > 0);
}

function denied(reason: string): ToolError {
  return new ToolError("denied", reason, { code: "policy-rejected" });
}
