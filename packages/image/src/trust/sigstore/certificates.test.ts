import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describeError } from "@containers/common/errors/tool-error";
import { describe, expect, test } from "vitest";
import { parseNormalizedName } from "../../reference/reference.ts";
import { type CertificateWish, makeCertificate, SERVER_AUTH, type TestCertificate } from "../../testing/certificates.ts";
import { type CosignSignature, makeCosignSignature } from "../../testing/cosign-signature.ts";
import { requireSigstoreSigned } from "../requirements/sigstore-signed.ts";
import { parseSigstoreSigned } from "../sigstore-requirement.ts";

const reference = "h.example/a:1";
const manifest = Buffer.from("{}");
const issuer = "https://accounts.example.com";
const DAY = 24 * 3_600_000;
const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString("base64");
const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const ec = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const issuerV1 = { id: "2b0601040183bf300101", value: Buffer.from(issuer) };
const issuerV2 = (text: string) => ({ id: "2b0601040183bf300108", value: Buffer.from([0x0c, text.length, ...Buffer.from(text)]) });

const rekor = ec();
type Making = Omit<CosignSignature, "manifest" | "reference" | "log"> & { readonly log?: KeyObject };
const signature = (making: Making): Uint8Array => makeCosignSignature({ manifest, reference, log: rekor.privateKey, ...making });
const root = makeCertificate({ name: "root", ca: true });
const between = makeCertificate({ name: "between", ca: true, issuer: root });

/** "" when the signature is accepted, else the reason. */
async function judge(settings: Record<string, unknown>, bytes: Uint8Array): Promise<string> {
  const requirement = parseSigstoreSigned({ type: "sigstoreSigned", ...settings });
  try {
    await requireSigstoreSigned(requirement, { reference: parseNormalizedName(reference), manifest, signatures: [bytes] });
    return "";
  } catch (error) {
    return describeError(error);
  }
}

describe("a key with a log", () => {
  const signer = ec();
  const settings = {
    keyDatas: [base64(pem(ec().publicKey)), base64(pem(signer.publicKey))],
    rekorPublicKeyData: base64(pem(rekor.publicKey)),
  };
  const made = (more: Partial<Making> = {}) => signature({ key: signer.privateKey, logged: pem(signer.publicKey), ...more });

  test("is accepted when the log has the signature", async () => expect(await judge(settings, made())).toBe(""));

  test.each<[string, Partial<Making>, RegExp]>([
    ["is not there", { logged: undefined }, /missing dev.sigstore.cosign\/bundle annotation/],
    ["is another's", { log: ec().privateKey }, /verification of Rekor SET failed/],
    ["speaks of another key", { logged: pem(ec().publicKey) }, /publicKey in Rekor SET does not match/],
    ["speaks of two", { logged: pem(signer.publicKey) + pem(signer.publicKey) }, /not one block in PEM/],
    ["has another version", { entry: (entry) => ({ ...entry, apiVersion: "0.0.2" }) }, /unsupported Rekor SET payload/],
    ["has another payload", { entry: (entry) => changed(entry, ["data", "hash", "value"], "00") }, /payload in Rekor SET does not match/],
    ["has another hash", { entry: (entry) => changed(entry, ["data", "hash", "algorithm"], "md5") }, /Unexpected "data.hash.algorithm"/],
    [
      "has another signature",
      { entry: (entry) => changed(entry, ["signature", "content"], "YQ==") },
      /signature in Rekor SET does not match/,
    ],
    ["lacks the signature", { entry: (entry) => ({ ...entry, spec: {} }) }, /Missing "signature"/],
  ])("is refused when the log's word %s", async (_name, more, reason) => {
    expect(await judge(settings, made(more))).toMatch(reason);
  });
});

function changed(entry: Record<string, unknown>, path: readonly string[], value: string): unknown {
  const copy = JSON.parse(JSON.stringify(entry)) as { spec: Record<string, unknown> };
  let at: Record<string, unknown> = copy.spec;
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
  at[path.at(-1) ?? ""] = value;
  return copy;
}

describe("an identity of Fulcio's", () => {
  const settings = {
    fulcio: { caData: base64(root.pem), oidcIssuer: issuer, subjectEmail: "me@example.com" },
    rekorPublicKeyDatas: [base64(pem(ec().publicKey)), base64(pem(rekor.publicKey))],
  };
  const leaf = (wish: Partial<CertificateWish> = {}): TestCertificate =>
    makeCertificate({ name: "leaf", issuer: between, emails: ["me@example.com"], extensions: [issuerV1], ...wish });
  const made = (certificate: TestCertificate, more: Partial<Making> = {}): Uint8Array =>
    signature({
      key: certificate.privateKey,
      logged: certificate.pem,
      certificate: certificate.pem,
      chain: between.pem + root.pem,
      ...more,
    });

  test("is accepted for the time when the log took it, whatever time it is now", async () => {
    expect(await judge(settings, made(leaf()))).toBe("");
    const notBefore = new Date(Date.now() - 2 * DAY);
    const old = leaf({ notBefore, notAfter: new Date(Date.now() - DAY) });
    expect(await judge(settings, made(old))).toMatch(/has expired or is not yet valid/);
    // All of the chain must have been valid then.
    const oldRoot = makeCertificate({ name: "root", ca: true, notBefore });
    const brief = makeCertificate({
      ...{ name: "leaf", emails: ["me@example.com"], extensions: [issuerV2(issuer)] },
      issuer: oldRoot,
      notBefore,
      notAfter: new Date(Date.now() - DAY),
    });
    const trusting = { ...settings, fulcio: { ...settings.fulcio, caData: base64(oldRoot.pem) } };
    expect(await judge(trusting, made(brief, { chain: undefined, time: new Date(Date.now() - 1.5 * DAY) }))).toBe("");
  });

  test.each<[string, Partial<CertificateWish>, RegExp]>([
    ["another mail address", { emails: ["you@example.com"] }, /Required email "me@example.com" not found \(got \["you@example.com"\]\)/],
    ["no mail address", { emails: [] }, /not found \(got \[\]\)/],
    ["no issuer", { extensions: [] }, /missing the issuer extension/],
    ["another issuer", { extensions: [issuerV2("https://evil.example")] }, /Unexpected Fulcio OIDC issuer "https:\/\/evil.example"/],
    ["two issuers", { extensions: [issuerV1, issuerV2("x")] }, /inconsistent OIDC issuer/],
    ["the same extension twice", { extensions: [issuerV1, issuerV1] }, /the same extension twice/],
    [
      "an unknown critical extension",
      { extensions: [issuerV1, { id: "2a03", value: Buffer.from([5, 0]), critical: true }] },
      /cannot be judged: 1.2.3/,
    ],
    ["another purpose", { purposes: [SERVER_AUTH] }, /incompatible key usage/],
    ["an unknown authority", { issuer: makeCertificate({ name: "between", ca: true }) }, /signed by unknown authority/],
    ["an issuer that is none", { issuer: makeCertificate({ name: "between", issuer: root }) }, /unknown authority|not authorized/],
  ])("is refused with %s", async (_name, wish, reason) => {
    expect(await judge(settings, made(leaf(wish)))).toMatch(reason);
  });

  test("is refused when the chain has a gap, an authority that is none, or one that may sign no more", async () => {
    const certificate = leaf();
    expect(await judge(settings, made(certificate, { chain: undefined }))).toMatch(/unknown authority/);
    const noCa = makeCertificate({ name: "no ca", issuer: root });
    expect(await judge(settings, made(leaf({ issuer: noCa }), { chain: noCa.pem + root.pem }))).toMatch(/not authorized to sign/);
    const two = certificate.pem + certificate.pem;
    expect(await judge(settings, made(certificate, { certificate: two }))).toMatch(/unexpected multiple certificates/);
    expect(await judge(settings, made(certificate, { key: ec().privateKey }))).toMatch(/by none of the trusted keys/);
    expect(await judge(settings, made(certificate, { certificate: undefined }))).toMatch(/missing dev.sigstore.cosign\/certificate/);
    expect(await judge(settings, made(certificate, { logged: leaf().pem }))).toMatch(/publicKey in Rekor SET does not match/);
  });
});

describe("an authority of one's own", () => {
  const settings = {
    pki: { caRootsData: base64(root.pem), caIntermediatesData: base64(between.pem), subjectHostname: "build.example.com" },
  };
  const judged = (wish: Partial<CertificateWish>, pki: Record<string, unknown> = {}): Promise<string> => {
    const leaf = makeCertificate({ name: "leaf", issuer: between, ...wish });
    return judge({ pki: { ...settings.pki, ...pki } }, signature({ key: leaf.privateKey, certificate: leaf.pem }));
  };

  test("is accepted for its hosts and mail addresses", async () => {
    expect(await judged({ hosts: ["build.example.com"] })).toBe("");
    expect(await judged({ hosts: ["*.example.com"], keyType: "rsa" })).toBe("");
    expect(await judged({ emails: ["me@example.com"] }, { subjectHostname: undefined, subjectEmail: "me@example.com" })).toBe("");
  });

  test.each<[string, Partial<CertificateWish>, RegExp]>([
    ["another host", { hosts: ["run.example.com"] }, /valid for run.example.com, not build.example.com/],
    ["a star for too much", { hosts: ["*.com"] }, /Unexpected subject hostname/],
    ["a name in the subject alone", { name: "build.example.com" }, /Unexpected subject hostname/],
    ["a certificate that has expired", { hosts: ["build.example.com"], notAfter: new Date(Date.now() - 1000) }, /has expired/],
    [
      "one that is not valid yet",
      { hosts: ["build.example.com"], notBefore: new Date(Date.now() + DAY / 2), notAfter: new Date(Date.now() + DAY) },
      /not yet valid/,
    ],
  ])("is refused for %s", async (_name, wish, reason) => {
    expect(await judged(wish)).toMatch(reason);
  });
});

describe("a policy", () => {
  test.each([
    [{ fulcio: { caPath: "/a", oidcIssuer: "b", subjectEmail: "c" } }, /must be specified if fulcio is used/],
    [{ fulcio: { oidcIssuer: "b", subjectEmail: "c" }, rekorPublicKeyPath: "/r" }, /At least one of caPath and caData/],
    [{ fulcio: { caPath: "/a", caData: "YQ==", oidcIssuer: "b", subjectEmail: "c" }, rekorPublicKeyPath: "/r" }, /simultaneously/],
    [{ fulcio: { caPath: "/a", subjectEmail: "c" }, rekorPublicKeyPath: "/r" }, /oidcIssuer not specified/],
    [{ fulcio: { caPath: "/a", oidcIssuer: "b" }, rekorPublicKeyPath: "/r" }, /subjectEmail not specified/],
    [{ keyPath: "/k", rekorPublicKeyPath: "/r", rekorPublicKeyData: "YQ==" }, /at most one of rekorPublicKeyPath/],
    [{ keyPath: "/k", rekorPublicKeyPaths: [] }, /not empty/],
    [{ pki: { caRootsPath: "/a", subjectEmail: "b" }, rekorPublicKeyPath: "/r" }, /are not supported for pki/],
    [{ pki: { caRootsPath: "/a" } }, /At least one of subjectEmail, subjectHostname/],
    [{ pki: { caRootsPath: "/a", caIntermediatesPath: "/b", caIntermediatesData: "YQ==", subjectEmail: "b" } }, /simultaneously/],
    [{ pki: { caRootsPath: "/a", subjectEmail: "b", typo: 1 } }, /unknown key "typo"/],
    [{ keyPath: "/k", fulcio: {} }, /exactly one of keyPath/],
  ])("%j is refused", (settings, complaint) => {
    expect(() => parseSigstoreSigned({ type: "sigstoreSigned", ...settings })).toThrow(complaint);
  });
});
