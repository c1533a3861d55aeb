import { createSign, generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "@containers/common/digest/digest";
import { findExecutable } from "@containers/common/process/find-executable";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseNormalizedName } from "../reference/reference.ts";
import { setPolicyEntry } from "./change-policy.ts";
import { withKeyring } from "./gpg.ts";
import { lookasideOf, readLookaside, writeLookaside } from "./lookaside.ts";
import { loadPolicy } from "./policy-file.ts";
import { loadRegistriesD, settingFor } from "./registries-d.ts";
import { parseRequirement } from "./requirement.ts";
import { requireSigstoreSigned, SIGNATURE_ANNOTATION, SIMPLE_SIGNING_TYPE } from "./requirements/sigstore-signed.ts";
import { encodeSigstoreSignature, signatureKind } from "./signature-kind.ts";
import { buildPayload, buildSigstorePayload, parsePayload } from "./simple-signing/payload.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const manifest = bytes("{}");
const reference = "h.example/a:1";
let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "signatures-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("requirements", () => {
  test.each([
    [{ type: "signedBy", keyType: "GPGKeys" }, /exactly one of keyPath/],
    [{ type: "signedBy", keyType: "GPGKeys", keyPath: "/a", keyData: "YQ==" }, /exactly one of keyPath/],
    [{ type: "signedBy", keyType: "PGP", keyPath: "/a" }, /unrecognized keyType/],
    [{ type: "signedBy", keyType: "GPGKeys", keyPaths: [] }, /not empty/],
    [{ type: "signedBy", keyType: "GPGKeys", keyPath: "/a", keyPth: "/b" }, /unknown key "keyPth"/],
    [{ type: "sigstoreSigned" }, /exactly one of keyPath/],
    [{ type: "signedBaseLayer" }, /baseLayerIdentity not specified/],
  ])("%j is refused", (settings, message) => expect(() => parseRequirement(settings)).toThrow(message));
});

describe("the signed text", () => {
  const digest = sha256(manifest);

  test("is read back", () => {
    const payload = buildPayload({ digest, reference }, { creator: "test", time: new Date(0) });
    expect(parsePayload(payload)).toEqual({ digest, reference });
  });

  test.each([
    ["x", /not JSON/],
    ["{}", /exactly critical, optional/],
    [
      `{"critical":{"identity":{"docker-reference":"a"},"image":{"docker-manifest-digest":"${digest}"},"type":"other"},"optional":{}}`,
      /type "other"/,
    ],
    [
      `{"critical":{"identity":{"docker-reference":"a"},"image":{"docker-manifest-digest":"sha256:1"},"type":"atomic container signature"},"optional":{}}`,
      /not a digest/,
    ],
    [
      `{"critical":{"identity":{"docker-reference":"a"},"image":{"docker-manifest-digest":"${digest}"},"type":"atomic container signature","more":1},"optional":{}}`,
      /exactly identity/,
    ],
  ])("%s is refused", (text, message) => expect(() => parsePayload(bytes(text))).toThrow(message));
});

test.skipIf(findExecutable("gpg") === undefined)("what is no signature is refused", async () => {
  await withKeyring([bytes("no key")], async (keyring) => {
    expect(keyring.fingerprints).toEqual([]);
    await expect(keyring.verify(bytes("no signature"))).rejects.toThrow(/no OpenPGP message/);
  });
});

describe("sigstore signatures", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = Buffer.from(publicKey.export({ type: "spki", format: "pem" })).toString("base64");
  const signed = (claim: { digest: string; reference: string }): Uint8Array => {
    const payload = buildSigstorePayload(claim, {});
    const signature = createSign("sha256").update(payload).sign(privateKey).toString("base64");
    return encodeSigstoreSignature({ mimeType: SIMPLE_SIGNING_TYPE, payload, annotations: { [SIGNATURE_ANNOTATION]: signature } });
  };
  const check = async (signatures: readonly Uint8Array[], keyData = pem): Promise<void> => {
    const requirement = parseRequirement({ type: "sigstoreSigned", keyData });
    if (requirement.type !== "sigstoreSigned") throw new Error("unreachable");
    await requireSigstoreSigned(requirement, { reference: parseNormalizedName(reference), manifest, signatures });
  };

  test("pass by the right key, over this manifest, under its name", async () => {
    const good = signed({ digest: sha256(manifest), reference });
    expect(signatureKind(good)).toBe("sigstore");
    await check([good]);
    await check([signed({ digest: sha256(bytes("other")), reference }), good]);
  });

  test("are refused otherwise", async () => {
    await expect(check([])).rejects.toThrow(/no signature exists/);
    await expect(check([signed({ digest: sha256(bytes("other")), reference })])).rejects.toThrow(/does not match/);
    await expect(check([signed({ digest: sha256(manifest), reference: "h.example/b:1" })])).rejects.toThrow(/is not accepted/);
    const other = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" });
    await expect(check([signed({ digest: sha256(manifest), reference })], Buffer.from(other).toString("base64"))).rejects.toThrow(
      /none of the trusted/,
    );
  });
});

describe("registries.d", () => {
  test("the most specific namespace that says something wins", () => {
    mkdirSync(join(directory, "d"));
    writeFileSync(
      join(directory, "d", "a.yaml"),
      "default-docker:\n  sigstore: file:///old\ndocker:\n  h.example:\n    lookaside: http://s.example/sigs\n  h.example/a:\n    use-sigstore-attachments: true\n",
    );
    const config = loadRegistriesD(join(directory, "d"));
    expect(settingFor(config, ["h.example/a", "h.example"], ["lookaside"])).toBe("http://s.example/sigs");
    expect(settingFor(config, ["h.example/a", "h.example"], ["useSigstoreAttachments"])).toBe(true);
    expect(settingFor(config, ["o.example"], ["lookaside"])).toBe("file:///old");
    writeFileSync(join(directory, "d", "b.yaml"), "docker:\n  h.example:\n    lookaside: file:///x\n");
    expect(() => loadRegistriesD(join(directory, "d"))).toThrow(/namespace "h.example" defined both in/);
  });

  test("signatures are written and read in order, and old ones go", async () => {
    const docker = new Map([["h.example", { lookaside: "http://s.example", lookasideStaging: `file://${directory}/s` }]]);
    const image = { name: parseNormalizedName(reference), scopes: ["h.example"] };
    const staging = lookasideOf({ docker }, image, "write");
    const digest = sha256(manifest);
    writeLookaside(staging, digest, [bytes("1"), bytes("2")]);
    expect((await readLookaside(staging, digest)).map((signature) => Buffer.from(signature).toString())).toEqual(["1", "2"]);
    writeLookaside(staging, digest, [bytes("3")]);
    expect(await readLookaside(staging, digest)).toHaveLength(1);
    expect(() => writeLookaside(lookasideOf({ docker }, image, "read"), digest, [])).toThrow(/Writing directly to a http/);
  });
});

test("a policy is changed in place, and never into one that cannot be read", () => {
  const path = join(directory, "policy.json");
  expect(() => setPolicyEntry(path, { scope: "h.example", type: "reject", keyFiles: [] })).toThrow(/default trust policy must be set/);
  setPolicyEntry(path, { scope: "default", type: "accept", keyFiles: [] });
  setPolicyEntry(path, { scope: "h.example", type: "signedBy", keyFiles: ["/k"] });
  expect(loadPolicy(path).default).toEqual([{ type: "insecureAcceptAnything" }]);
  expect(loadPolicy(path).transports.get("docker")?.get("h.example")).toMatchObject([{ type: "signedBy", keys: { paths: ["/k"] } }]);
  expect(() => setPolicyEntry(path, { scope: "h.example", type: "accept", keyFiles: ["/k"] })).toThrow(/unexpectedly provided/);
});
