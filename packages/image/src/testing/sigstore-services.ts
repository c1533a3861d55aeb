import { createHash, createPublicKey, generateKeyPairSync, randomUUID, sign, verify } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "@sigstore/core";
import { makeCertificate } from "./certificates.ts";

/** A provider of identities, a Fulcio and a Rekor, on loopback: as small as they can be and still refuse what is wrong. */
export interface SigstoreServices {
  readonly oidcUrl: string;
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
  /** PEM of Fulcio's root. */
  readonly rootCertificate: string;
  /** PEM of the log's public key. */
  readonly rekorPublicKey: string;
  readonly email: string;
  /** What misbehaves; may be changed while it runs. */
  readonly misbehave: Misbehaviour;
  /** How often the device's owner has not yet answered. */
  pending: number;
  /** A token for the mail address. */
  token(claims?: Readonly<Record<string, unknown>>): string;
  close(): Promise<void>;
}

export interface Misbehaviour {
  /** Rekor answers so many requests with 503 first. */
  rekorUnavailable?: number;
  /** Rekor says that it has the entry already. */
  rekorConflict?: boolean;
  /** The provider's tokens repeat no nonce. */
  forgetNonce?: boolean;
}

export const CLIENT_ID = "sigstore-test";
const EMAIL = "me@example.com";
const ISSUER_EXTENSION = "2b0601040183bf300101";

type Answer = { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

export async function startSigstoreServices(): Promise<SigstoreServices> {
  const root = makeCertificate({ name: "test root", ca: true });
  const between = makeCertificate({ name: "test intermediate", ca: true, issuer: root });
  const log = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const entries = new Map<string, string>();
  const codes = new Map<string, { readonly challenge: string; readonly nonce: string }>();
  const routes: Readonly<Record<string, (url: URL, body: string, request: IncomingMessage) => Answer>> = {
    "GET /oidc/.well-known/openid-configuration": () =>
      answer(200, {
        issuer: services.oidcUrl,
        authorization_endpoint: `${services.oidcUrl}/auth`,
        token_endpoint: `${services.oidcUrl}/token`,
        device_authorization_endpoint: `${services.oidcUrl}/device`,
        jwks_uri: `${services.oidcUrl}/keys`,
        code_challenge_methods_supported: ["S256"],
        id_token_signing_alg_values_supported: ["ES256"],
      }),
    "GET /oidc/keys": () => answer(200, { keys: [{ ...log.publicKey.export({ format: "jwk" }), alg: "ES256", use: "sig", kid: "k" }] }),
    "GET /oidc/auth": ({ searchParams }) => {
      const code = randomUUID();
      codes.set(code, { challenge: searchParams.get("code_challenge") ?? "", nonce: searchParams.get("nonce") ?? "" });
      const query = new URLSearchParams({ code, state: searchParams.get("state") ?? "" });
      return { status: 302, body: code, headers: { location: `${searchParams.get("redirect_uri")}?${query}` } };
    },
    "POST /oidc/device": (_url, body) => {
      codes.set("device", { challenge: new URLSearchParams(body).get("code_challenge") ?? "", nonce: "" });
      return answer(200, {
        device_code: "device",
        user_code: "ABCD",
        verification_uri: `${services.oidcUrl}/verify`,
        interval: 0,
        expires_in: 60,
      });
    },
    "POST /oidc/token": (_url, body) => {
      const form = new URLSearchParams(body);
      const begun = codes.get(form.get("code") ?? form.get("device_code") ?? "");
      const proof = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      if (begun === undefined || proof !== begun.challenge) return answer(400, { error: "invalid_grant" });
      if (form.has("device_code") && services.pending-- > 0) return answer(400, { error: "authorization_pending" });
      const nonce = begun.nonce === "" || services.misbehave.forgetNonce === true ? {} : { nonce: begun.nonce };
      return answer(200, { access_token: "a", token_type: "Bearer", id_token: services.token(nonce) });
    },
    "POST /fulcio/api/v1/signingCert": (_url, body, request) => {
      const [head = "", claims = "", signature = ""] = (request.headers.authorization ?? "").replace("Bearer ", "").split(".");
      const signed = verify(
        "sha256",
        Buffer.from(`${head}.${claims}`),
        { key: log.publicKey, dsaEncoding: "ieee-p1363" },
        Buffer.from(signature, "base64url"),
      );
      if (!signed) return { status: 401, body: "There was an error processing the identity token" };
      const { email } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { readonly email: string };
      const asked = JSON.parse(body) as { readonly publicKey: { readonly content: string }; readonly signedEmailAddress: string };
      const key = createPublicKey({ key: Buffer.from(asked.publicKey.content, "base64"), format: "der", type: "spki" });
      if (!verify("sha256", Buffer.from(email), key, Buffer.from(asked.signedEmailAddress, "base64")))
        return { status: 400, body: "The signature supplied in the request could not be verified" };
      const extensions = [{ id: ISSUER_EXTENSION, value: Buffer.from(services.oidcUrl) }];
      const leaf = makeCertificate({ name: "", issuer: between, subjectKey: key, emails: [email], extensions });
      return { status: 201, body: leaf.pem + between.pem + root.pem };
    },
    "POST /rekor/api/v1/log/entries": (_url, body) => {
      if ((services.misbehave.rekorUnavailable ?? 0) > 0) {
        services.misbehave.rekorUnavailable = (services.misbehave.rekorUnavailable ?? 0) - 1;
        return answer(503, { code: 503, message: "later" });
      }
      const uuid = createHash("sha256").update(body).digest("hex");
      const entry = {
        body: Buffer.from(json.canonicalize(JSON.parse(body))).toString("base64"),
        integratedTime: now(),
        logIndex: entries.size,
        logID: "c0ffee",
      };
      const promise = sign("sha256", Buffer.from(json.canonicalize(entry)), log.privateKey).toString("base64");
      entries.set(uuid, JSON.stringify({ [uuid]: { ...entry, verification: { signedEntryTimestamp: promise } } }));
      if (services.misbehave.rekorConflict === true)
        return {
          ...answer(409, { code: 409, message: "an equivalent entry already exists" }),
          headers: { location: `/api/v1/log/entries/${uuid}` },
        };
      return { status: 201, body: entries.get(uuid) ?? "" };
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://localhost");
      const stored = entries.get(url.pathname.split("/").at(-1) ?? "");
      const route = routes[`${request.method} ${url.pathname}`];
      const { status, body, headers } =
        route?.(url, Buffer.concat(chunks).toString(), request) ??
        (stored === undefined ? answer(404, { message: "not found" }) : { status: 200, body: stored, headers: {} });
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services: SigstoreServices = {
    oidcUrl: `${base}/oidc`,
    fulcioUrl: `${base}/fulcio`,
    rekorUrl: `${base}/rekor`,
    rootCertificate: root.pem,
    rekorPublicKey: log.publicKey.export({ type: "spki", format: "pem" }).toString(),
    email: EMAIL,
    misbehave: {},
    pending: 1,
    token(claims = {}) {
      const all = {
        iss: services.oidcUrl,
        aud: CLIENT_ID,
        sub: "1",
        email: EMAIL,
        email_verified: true,
        iat: now(),
        exp: now() + 600,
        ...claims,
      };
      const text = [{ alg: "ES256", kid: "k" }, all].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
      const signature = sign("sha256", Buffer.from(text), { key: log.privateKey, dsaEncoding: "ieee-p1363" });
      return `${text}.${signature.toString("base64url")}`;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
  return services;
}

function answer(status: number, body: unknown): Answer {
  return { status, body: JSON.stringify(body) };
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
