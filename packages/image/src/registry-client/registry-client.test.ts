import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readAll, streamOf } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { describeError } from "@containers/common/errors/tool-error";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseNormalizedName } from "../reference/reference.ts";
import { randomImage } from "../testing/random-image.ts";
import { type RegistryServer, type RegistryServerOptions, startRegistryServer } from "../testing/registry-server.ts";
import { getBlob, headBlob, mountBlob, uploadBlob } from "./blobs.ts";
import { listRepositories } from "./catalog.ts";
import { parseChallenges } from "./challenge.ts";
import { type ClientOptions, openRepository, type RegistryClient } from "./client.ts";
import { patienceFrom } from "./interceptors/patience.ts";
import { parseRetryAfter } from "./interceptors/retry.ts";
import { deleteManifest, getManifest, putManifest, resolveTag } from "./manifests.ts";
import { listTags } from "./tags.ts";

let server: RegistryServer;
const waits: number[] = [];
const bytes = new TextEncoder().encode("blob contents ".repeat(20_000));
const digest = sha256(bytes);
const image = randomImage();
const alone = { tlsVerify: false, anonymous: true, registriesConfPath: "/dev/null", registriesConfDir: "/nonexistent" };

async function start(options: RegistryServerOptions = {}): Promise<void> {
  server = await startRegistryServer(options);
  server.blobs.set(`a/b@${digest}`, bytes);
}

async function client(options: ClientOptions = {}, repository = "a/b"): Promise<RegistryClient> {
  const retry = { delayMs: 10, sleep: async (milliseconds: number) => void waits.push(milliseconds) };
  return await openRepository(parseNormalizedName(`${server.host}/${repository}`), {
    access: alone,
    insecure: true,
    actions: "pull,push",
    retry,
    ...options,
  });
}

beforeEach(() => void waits.splice(0));
afterEach(() => server.close());

async function download(from: RegistryClient): Promise<Uint8Array> {
  const blob = await getBlob(from, digest);
  return await readAll(verifyingStream(blob.stream, { digest, size: blob.size }), 10_000_000);
}

describe("blobs", () => {
  it("come whole, and again from where a connection was cut", async () => {
    await start();
    server.misbehave.cutAfter = { bytes: 50_000, times: 3 };
    expect(Buffer.compare(await download(await client()), bytes)).toBe(0);
    const ranges = server.requests.flatMap((request) => request.headers.range ?? []);
    expect(ranges).toHaveLength(3);
    expect(ranges[0]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it("are given up when the registry cannot resume", async () => {
    await start();
    server.misbehave.cutAfter = { bytes: 50_000, times: 1 };
    server.misbehave.noRange = true;
    await expect(download(await client())).rejects.toThrow(/cannot resume/);
  });

  it("are noticed when tampered with", async () => {
    await start();
    server.misbehave.corruptBlob = digest;
    await expect(download(await client())).rejects.toMatchObject({ kind: "corrupt", message: expect.stringContaining(digest) });
  });

  it.each([
    ["at once", { digest, size: bytes.length }],
    ["streamed", {}],
    ["in chunks", { chunkBytes: 60_000 }],
  ])("are sent %s", async (_name, options) => {
    await start();
    const target = await client({}, "new/repo");
    expect(await headBlob(target, digest)).toBeUndefined();
    expect(await uploadBlob(target, streamOf(bytes), options)).toEqual({ digest, size: bytes.length });
    expect(await headBlob(target, digest)).toBe(bytes.length);
    expect(server.openUploads()).toBe(0);
  });

  it("are sent in chunks although acknowledgements get lost", async () => {
    await start();
    server.misbehave.loseChunkAcks = 2;
    const target = await client({}, "new/repo");
    expect(await uploadBlob(target, streamOf(bytes), { chunkBytes: 60_000 })).toMatchObject({ digest });
    expect(Buffer.compare(server.blobs.get(`new/repo@${digest}`) ?? new Uint8Array(), bytes)).toBe(0);
  });

  it("leave no upload behind when sending fails", async () => {
    await start();
    const target = await client({}, "new/repo");
    const failure = await uploadBlob(target, streamOf(bytes), { digest: `sha256:${"0".repeat(64)}`, size: bytes.length }).catch(
      describeError,
    );
    expect(failure).toContain("did not match");
    expect(server.openUploads()).toBe(0);
  });

  it("are mounted, unless the registry declines", async () => {
    await start();
    const target = await client({}, "new/repo");
    expect(await mountBlob(target, digest, "a/b")).toBe(true);
    server.misbehave.noMount = true;
    expect(await mountBlob(await client({}, "other/repo"), digest, "a/b")).toBe(false);
    expect(server.openUploads()).toBe(0);
  });
});

describe("patience", () => {
  it("ends with servers that say nothing, or a byte at a time", async () => {
    await start();
    server.manifests.set("a/b:1", { bytes: image.manifest, mediaType: image.mediaType });
    const reader = await client({ patienceMs: 500 });
    server.misbehave.silentAbout = "manifests";
    await expect(getManifest(reader, "1")).rejects.toMatchObject({ kind: "unavailable", code: "timeout" });
    expect(server.requests.filter(({ url }) => url.includes("/manifests/"))).toHaveLength(2);
    server.misbehave.silentAbout = undefined;
    server.misbehave.trickleMs = 20;
    await expect(download(reader)).rejects.toMatchObject({ kind: "unavailable", code: "timeout" });
    expect(server.requests.filter(({ url }) => url.includes("/blobs/"))).toHaveLength(2);
  });

  it("does not count the time that the reader takes", async () => {
    await start();
    const blob = await getBlob(await client({ patienceMs: 500 }), digest);
    const parts: Uint8Array[] = [];
    for await (const part of blob.stream) {
      if (parts.length === 0) await new Promise((resolve) => setTimeout(resolve, 1200));
      parts.push(part);
    }
    expect(Buffer.compare(Buffer.concat(parts), bytes)).toBe(0);
  });

  it("is what the environment says", () => {
    expect(patienceFrom({})).toBe(120_000);
    expect(patienceFrom({ CONTAINERS_REGISTRY_TIMEOUT: "7" })).toBe(7000);
    expect(patienceFrom({ CONTAINERS_REGISTRY_TIMEOUT: "0" })).toBeUndefined();
    expect(() => patienceFrom({ CONTAINERS_REGISTRY_TIMEOUT: "soon" })).toThrow("CONTAINERS_REGISTRY_TIMEOUT");
  });

  it("waits as long as Retry-After says, and longer each time otherwise", async () => {
    await start();
    const opened = await client();
    server.misbehave.tooManyRequests = { times: 1, retryAfter: "7" };
    expect(await headBlob(opened, digest)).toBe(bytes.length);
    expect(waits).toEqual([7000]);
    waits.splice(0);
    server.misbehave.unavailable = 3;
    expect(await headBlob(opened, digest)).toBe(bytes.length);
    expect(waits).toHaveLength(3);
    expect(waits[2]).toBeGreaterThan(waits[0] ?? 0);
  });

  it("ends", async () => {
    await start();
    const opened = await client();
    server.misbehave.unavailable = 100;
    await expect(headBlob(opened, digest)).rejects.toMatchObject({ kind: "unavailable" });
    expect(server.misbehave.unavailable).toBe(95);
  });

  it("reads Retry-After in both forms", () => {
    expect(parseRetryAfter("3")).toBe(3000);
    expect(parseRetryAfter(new Date(5000).toUTCString(), 2000)).toBe(3000);
    expect(parseRetryAfter("soon")).toBeUndefined();
  });
});

describe("authentication", () => {
  const auth = { username: "me", password: "secret", identityToken: "identity" };
  const credentials = { username: "me", password: "secret" };

  it("sends a password where it is asked for", async () => {
    await start({ auth: { ...auth, kind: "basic" } });
    expect(await headBlob(await client({ credentials }), digest)).toBe(bytes.length);
    await expect(headBlob(await client({ credentials: null }), digest)).rejects.toMatchObject({ kind: "denied" });
  });

  it.each([
    ["a password", credentials],
    ["an identity token", { identityToken: "identity" }],
  ])("gets one token for many requests with %s", async (_name, given) => {
    await start({ auth: { ...auth, kind: "token" } });
    const opened = await client({ credentials: given });
    await Promise.all([headBlob(opened, digest), headBlob(opened, digest), download(opened)]);
    expect(server.requests.filter((request) => request.url.startsWith("/token"))).toHaveLength(1);
  });

  it("asks for a wider token when the first is refused", async () => {
    await start({ auth: { ...auth, kind: "token", narrowFirst: true } });
    expect(await headBlob(await client({ credentials }), digest)).toBe(bytes.length);
    expect(server.requests.filter((request) => request.url.startsWith("/token"))).toHaveLength(2);
  });

  it("tells a wrong password apart, without showing it", async () => {
    await start({ auth: { ...auth, kind: "token" } });
    const failure = headBlob(await client({ credentials: { username: "me", password: "hunter2" } }), digest);
    await expect(failure).rejects.toMatchObject({ kind: "denied", message: expect.not.stringContaining("hunter2") });
  });

  it("does not follow blobs to another host", async () => {
    await start({ auth: { ...auth, kind: "basic" } });
    const storage = await startRegistryServer();
    storage.blobs.set(`a/b@${digest}`, bytes);
    server.misbehave.redirectBlobsTo = `http://${storage.host}`;
    expect(Buffer.compare(await download(await client({ credentials })), bytes)).toBe(0);
    expect(storage.requests.map((request) => request.headers.authorization)).toEqual([undefined]);
    await storage.close();
  });

  it("logs neither headers nor queries", async () => {
    await start({ auth: { ...auth, kind: "token" } });
    const lines: string[] = [];
    await download(await client({ credentials, log: (line) => lines.push(line) }));
    expect(lines.join("\n")).not.toMatch(/token-\d|secret|account=/);
    expect(lines.some((line) => line.endsWith("status 200"))).toBe(true);
  });

  it("reads challenges", () => {
    expect(parseChallenges('Bearer realm="https://a/token",service="s",scope="repository:a/b:pull,push"')).toEqual([
      { scheme: "bearer", parameters: { realm: "https://a/token", service: "s", scope: "repository:a/b:pull,push" } },
    ]);
    expect(parseChallenges('Basic realm="x", Bearer realm="y"').map((challenge) => challenge.scheme)).toEqual(["basic", "bearer"]);
    expect(parseChallenges(null)).toEqual([]);
  });
});

describe("manifests and listings", () => {
  it("are put, resolved, read and deleted", async () => {
    await start();
    const opened = await client();
    await putManifest(opened, "v1", { bytes: image.manifest, mediaType: image.mediaType });
    expect(await resolveTag(opened, "v1")).toBe(image.digest);
    expect((await getManifest(opened, image.digest)).mediaType).toBe(image.mediaType);
    await deleteManifest(opened, image.digest);
    expect(await resolveTag(opened, "v1")).toBeUndefined();
    await expect(getManifest(opened, "v1")).rejects.toMatchObject({ kind: "not-found", code: "image-not-found" });
  });

  it("are read page by page", async () => {
    await start({ pageSize: 2 });
    for (const tag of ["a", "b", "c", "d", "e"]) server.manifests.set(`a/b:${tag}`, { bytes: image.manifest, mediaType: image.mediaType });
    server.manifests.set("c/d:x", { bytes: image.manifest, mediaType: image.mediaType });
    expect(await listTags(parseNormalizedName(`${server.host}/a/b`), { registry: alone })).toEqual(["a", "b", "c", "d", "e"]);
    expect(await listRepositories(server.host, { registry: alone })).toEqual(["a/b", "c/d"]);
  });
});

describe("TLS", () => {
  it("trusts the authority in a directory, and nobody by default", async () => {
    const directory = mkdtempSync("/var/tmp/registry-tls-");
    const made = Bun.spawnSync(
      [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "key.pem",
        "-out",
        "ca.crt",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
      ],
      { cwd: directory },
    );
    expect(made.exitCode).toBe(0);
    const read = (name: string): Promise<string> => Bun.file(join(directory, name)).text();
    await start({ tls: { key: await read("key.pem"), cert: await read("ca.crt") } });
    rmSync(join(directory, "key.pem"));
    const secure = { ...alone, tlsVerify: true };
    await expect(client({ access: secure, insecure: false })).rejects.toMatchObject({ code: "tls" });
    expect(await headBlob(await client({ access: { ...secure, certDir: directory }, insecure: false }), digest)).toBe(bytes.length);
    expect((await client({ insecure: true })).base).toMatch(/^https:/);
    rmSync(directory, { recursive: true });
  });

  it("speaks plain http only when told", async () => {
    await start();
    await expect(client({ access: { ...alone, tlsVerify: true }, insecure: false })).rejects.toThrow(/pinging container registry/);
    expect((await client()).base).toMatch(/^http:/);
  });
});
