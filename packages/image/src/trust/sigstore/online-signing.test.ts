import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseNormalizedName } from "../../reference/reference.ts";
import { CLIENT_ID, type SigstoreServices, startSigstoreServices } from "../../testing/sigstore-services.ts";
import { requireSigstoreSigned } from "../requirements/sigstore-signed.ts";
import { openSigner } from "../signer.ts";
import { parseSigstoreSigned } from "../sigstore-requirement.ts";
import { tokenByDeviceGrant } from "./oidc/device-grant.ts";
import { tokenByBrowser } from "./oidc/interactive.ts";
import { loadSigstoreParameters } from "./parameters.ts";
import { generateSigstoreKey } from "./private-key.ts";

const manifest = Buffer.from("{}");
const reference = parseNormalizedName("h.example/a:1");
const base64 = (text: string): string => Buffer.from(text).toString("base64");

let directory = "";
let services: SigstoreServices;

beforeEach(async () => {
  directory = mkdtempSync("/var/tmp/sigstore-");
  services = await startSigstoreServices();
});

afterEach(async () => {
  await services.close();
  rmSync(directory, { recursive: true, force: true });
});

function parameters(text: string): string {
  const path = join(directory, "parameters.yaml");
  writeFileSync(path, text);
  return path;
}

async function signed(text: string): Promise<Uint8Array> {
  const sign = await openSigner(reference, { sigstoreParameterFile: parameters(text), creator: "test" }, "docker://h.example/a:1");
  const [signature] = (await sign?.(manifest)) ?? [];
  if (signature === undefined) throw new Error("no signature");
  return signature;
}

async function judge(settings: Record<string, unknown>, signature: Uint8Array): Promise<string> {
  const requirement = parseSigstoreSigned({ type: "sigstoreSigned", ...settings });
  return await requireSigstoreSigned(requirement, { reference, manifest, signatures: [signature] }).then(() => "", describeError);
}

const byIdentity = (email: string) => ({
  fulcio: { caData: base64(services.rootCertificate), oidcIssuer: services.oidcUrl, subjectEmail: email },
  rekorPublicKeyData: base64(services.rekorPublicKey),
});

const withToken = (token: string): string =>
  `fulcio:\n  fulcioURL: ${services.fulcioUrl}\n  oidcMode: staticToken\n  oidcIDToken: ${token}\nrekorURL: ${services.rekorUrl}\n`;

describe("a certificate of Fulcio's", () => {
  it("signs for who has the token, and nobody else", async () => {
    const signature = await signed(withToken(services.token()));
    expect(await judge(byIdentity(services.email), signature)).toBe("");
    expect(await judge(byIdentity("you@example.com"), signature)).toMatch(/Required email "you@example.com" not found/);
  });

  it.each([
    ["of another provider", () => `${services.token().slice(0, -4)}AAAA`, /obtaining certificate from Fulcio: the server answered 401/],
    [
      "with an unverified address",
      () => services.token({ email_verified: false }),
      /parsing OIDC token: not verified by identity provider/,
    ],
    ["that is none", () => "abc", /parsing OIDC token: the token is not in the compact form/],
  ])("is refused for a token %s", async (_name, token, reason) => {
    expect(await signed(withToken(token())).catch(describeError)).toMatch(reason);
  });
});

describe("Rekor's log", () => {
  async function withKey(): Promise<{ readonly text: string; readonly policy: Record<string, unknown> }> {
    const { privateKey, publicKey } = generateSigstoreKey("secret");
    writeFileSync(join(directory, "key"), privateKey);
    writeFileSync(join(directory, "passphrase"), "secret\n");
    return {
      text: `privateKeyFile: ${directory}/key\nprivateKeyPassphraseFile: ${directory}/passphrase\nrekorURL: ${services.rekorUrl}/\n`,
      policy: { keyData: base64(publicKey), rekorPublicKeyData: base64(services.rekorPublicKey) },
    };
  }

  it("has what a key signed; a busy one is asked again, and one that has it already gives it", async () => {
    const { text, policy } = await withKey();
    services.misbehave.rekorUnavailable = 1;
    expect(await judge(policy, await signed(text))).toBe("");
    services.misbehave.rekorConflict = true;
    expect(await judge(policy, await signed(text))).toBe("");
  });

  it("is named when it is gone", async () => {
    const { text } = await withKey();
    const gone = text.replace("/rekor/", "/nothing");
    expect(await signed(gone).catch(describeError)).toMatch(/Error uploading a log entry: Rekor answered 404/);
  });
});

describe("a token from the provider", () => {
  const choice = (mode: "deviceGrant" | "interactive") => ({ mode, issuerUrl: services.oidcUrl, clientId: CLIENT_ID, clientSecret: "" });

  it("is waited for while a device's owner has not answered", async () => {
    const lines: string[] = [];
    services.pending = 2;
    expect((await tokenByDeviceGrant({ ...choice("deviceGrant"), mode: "deviceGrant" }, (line) => lines.push(line))).subject).toBe(
      services.email,
    );
    expect(lines).toEqual([
      `Enter the verification code ABCD in your browser at: ${services.oidcUrl}/verify`,
      "Code will be valid for 60 seconds",
      "Token received!",
    ]);
  });

  it("comes by way of the browser", async () => {
    const shown: string[] = [];
    const token = await tokenByBrowser({ ...choice("interactive"), mode: "interactive" }, person(shown));
    expect(token.subject).toBe(services.email);
    expect(shown.join("")).toContain("Your browser will now be opened to:\n");
  });

  it("is refused as the answer to another question", async () => {
    services.misbehave.forgetNonce = true;
    const failure = tokenByBrowser({ ...choice("interactive"), mode: "interactive" }, person([]));
    await expect(failure).rejects.toThrow("nonce does not match value sent");
  });

  const person = (shown: string[]) => ({
    print: (text: string) => void shown.push(text),
    open: async (url: string) => await (await httpRequest(url, { redirect: "follow" })).discard(),
  });
});

describe("a parameter file", () => {
  it.each([
    ["", /no private key source provided/],
    ["privateKeyFile: a\nfulcio: {fulcioURL: 'https://f'}", /multiple private key sources/],
    ["fulcio: {oidcMode: staticToken}", /missing fulcioURL/],
    ["fulcio: {fulcioURL: 'https://f'}", /missing oidcMode/],
    ["fulcio: {fulcioURL: 'https://f', oidcMode: staticToken}", /missing oidcToken/],
    ["fulcio: {fulcioURL: 'https://f', oidcMode: magic, oidcIssuerURL: 'https://i'}", /unknown oidcMode value "magic"/],
    ["fulcio: {fulcioURL: 'https://f', oidcMode: interactive}", /missing oidcIssuerURL/],
    ["privateKeyFile: a\nrekorURL: nowhere", /parsing rekorURL "nowhere"/],
    ["privateKeyFiles: a", /field privateKeyFiles not found/],
  ])("is refused: %s", (text, reason) => {
    const path = parameters(text);
    const failure = (): string => {
      try {
        loadSigstoreParameters(path);
        return "";
      } catch (error) {
        return describeError(error);
      }
    };
    expect(failure()).toMatch(reason);
  });
});
