import { ToolError } from "@containers/common/errors/tool-error";
import type { Certificate } from "./certificate.ts";
import { authorityOf, EXTENSION, extensionsOf, purposesOf } from "./extensions.ts";

/** What a certificate is checked against. */
export interface TrustedCertificates {
  readonly roots: readonly Certificate[];
  /** Certificates that may stand between; nothing in them is believed. */
  readonly intermediates: readonly Certificate[];
  /** When all of them must have been valid. */
  readonly time: Date;
}

const CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
const ANY_PURPOSE = "2.5.29.37.0";
/** Signed with hashes that can be forged. */
const WEAK_SIGNATURES = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];
const MAX_DEPTH = 10;
const MAX_SIGNATURE_CHECKS = 100;

const UNDERSTOOD: readonly string[] = Object.values(EXTENSION).filter((id) => id !== EXTENSION.nameConstraints);

/**
 * Passes when a chain of signatures leads from the certificate to one of the roots, every one in it being valid at that time, allowed to sign
 * what it signed, and good for signing code (RFC 5280, 6.1). What is not understood counts against it.
 *
 * @throws denied with the reason
 */
export function verifyChain(leaf: Certificate, trusted: TrustedCertificates): void {
  const search: Search = { ...trusted, checks: { left: MAX_SIGNATURE_CHECKS }, complaints: [] };
  checkOwn(leaf, trusted.time);
  if (trusted.roots.some((root) => isSame(root, leaf))) {
    checkPurpose([leaf]);
    return;
  }
  if (leadsToRoot([leaf], search)) return;
  throw denied(search.complaints[0] ?? "certificate signed by unknown authority");
}

interface Search extends TrustedCertificates {
  readonly checks: { left: number };
  readonly complaints: string[];
}

function leadsToRoot(chain: readonly Certificate[], search: Search): boolean {
  if (chain.length > MAX_DEPTH) return false;
  return (
    search.roots.some((root) => tryIssuer(chain, root, search, true)) ||
    search.intermediates.some((one) => tryIssuer(chain, one, search, false))
  );
}

function tryIssuer(chain: readonly Certificate[], issuer: Certificate, search: Search, isRoot: boolean): boolean {
  const child = chain.at(-1);
  if (child === undefined || chain.some((other) => isSame(other, issuer))) return false;
  if (!child.parts.issuer.equals(issuer.parts.subject)) return false;
  search.checks.left -= 1;
  if (search.checks.left < 0) throw denied("too many signatures to check");
  try {
    if (!child.x509.verify(issuer.x509.publicKey)) return false;
    checkOwn(issuer, search.time);
    checkAuthority(issuer, chain.length - 1);
    const longer = [...chain, issuer];
    if (!isRoot) return leadsToRoot(longer, search);
    checkPurpose(longer);
    return true;
  } catch (error) {
    // Another way may lead there.
    search.complaints.push(error instanceof Error ? error.message : String(error));
    return false;
  }
}

function checkOwn(certificate: Certificate, time: Date): void {
  const { parts } = certificate;
  if (time < parts.notBefore || time > parts.notAfter) {
    const range = `${parts.notBefore.toISOString()} to ${parts.notAfter.toISOString()}`;
    throw denied(`certificate has expired or is not yet valid: ${time.toISOString()} is not within ${range}`);
  }
  const algorithm = parts.root.subs[1]?.subs[0]?.toOID() ?? "";
  if (WEAK_SIGNATURES.includes(algorithm)) throw denied("certificate is signed with an insecure algorithm");
  const extensions = extensionsOf(certificate);
  const ids = extensions.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) throw denied("certificate has the same extension twice");
  const unknown = extensions.find(({ id, critical }) => (critical && !UNDERSTOOD.includes(id)) || id === EXTENSION.nameConstraints);
  if (unknown !== undefined) throw denied(`certificate has an extension that cannot be judged: ${unknown.id}`);
}

/** @param below how many authorities stand between this one and the leaf */
function checkAuthority(issuer: Certificate, below: number): void {
  const { isAuthority, maximumBelow } = authorityOf(issuer);
  if (!isAuthority) throw denied("certificate is not authorized to sign other certificates");
  if (maximumBelow !== undefined && below > maximumBelow) throw denied("too many intermediates for path length constraint");
}

/** One that names purposes limits all below it to them. */
function checkPurpose(chain: readonly Certificate[]): void {
  for (const certificate of chain) {
    const purposes = purposesOf(certificate);
    if (purposes === undefined || purposes.includes(ANY_PURPOSE) || purposes.includes(CODE_SIGNING)) continue;
    throw denied("certificate specifies an incompatible key usage");
  }
}

function isSame(a: Certificate, b: Certificate): boolean {
  return a.x509.raw.equals(b.x509.raw);
}

function denied(reason: string): ToolError {
  return new ToolError("denied", reason, { code: "policy-rejected" });
}
