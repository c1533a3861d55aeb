import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sha256 } from "@containers/common/digest/digest";
import { guessMediaType } from "../manifest/guess-media-type.ts";
import { answerRanges, askedRanges } from "./answer-ranges.ts";

/** What the server does wrong on purpose. Fields may be changed while it runs. */
export interface Misbehaviour {
  /** Cuts the connection of a blob download after this many bytes, this many times. */
  cutAfter?: { bytes: number; times: number };
  /** Answers this many requests with 429 first, naming the seconds to wait. */
  tooManyRequests?: { times: number; retryAfter?: string };
  /** Answers this many requests with 503 first. */
  unavailable?: number;
  /** Flips a byte of this blob when it is downloaded. */
  corruptBlob?: string;
  /** Cross-repository mounts are declined. */
  noMount?: boolean;
  /** Manifest types that are refused with 415. */
  refuseTypes?: readonly string[];
  /** Requests below this kind (`manifests`, `blobs`) are never answered. */
  silentAbout?: "manifests" | "blobs";
  /** Blobs come byte by byte, with this many milliseconds between. */
  trickleMs?: number;
  /** Ranges are ignored. */
  noRange?: boolean;
  /** Of several ranges only the first is given. */
  singleRange?: boolean;
  /** Blobs are redirected to this base URL. */
  redirectBlobsTo?: string;
  /** Acknowledgements of this many upload pieces are lost. */
  loseChunkAcks?: number;
}

export interface AuthSettings {
  readonly kind: "basic" | "token";
  readonly username: string;
  readonly password: string;
  /** What an identity token log-in sends. */
  readonly identityToken?: string;
  /** The first token is too narrow for anything. */
  readonly narrowFirst?: boolean;
}

export interface RegistryServerOptions {
  readonly auth?: AuthSettings;
  readonly pageSize?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface RequestRecord {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

/** A registry on loopback, over real HTTP, that keeps everything in memory. */
export interface RegistryServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly requests: RequestRecord[];
  readonly misbehave: Misbehaviour;
  /** By `repository@digest`. */
  readonly blobs: Map<string, Uint8Array>;
  /** By `repository:tag` and `repository@digest`. */
  readonly manifests: Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>;
  /** Uploads that were begun and neither ended nor cancelled. */
  openUploads(): number;
  close(): Promise<void>;
}

interface State {
  readonly options: RegistryServerOptions;
  readonly misbehave: Misbehaviour;
  readonly requests: RequestRecord[];
  readonly blobs: Map<string, Uint8Array>;
  readonly manifests: Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>;
  readonly uploads: Map<string, Buffer[]>;
  host: string;
  tokens: number;
}

interface Exchange {
  readonly state: State;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly method: string;
}

export async function startRegistryServer(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const state: State = {
    options,
    misbehave: {},
    requests: [],
    blobs: new Map(),
    manifests: new Map(),
    uploads: new Map(),
    host: "",
    tokens: 0,
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(state, request, response).catch(() => response.destroy());
  };
  const server: Server =
    options.tls === undefined
      ? createServer(listener)
      : ((await import("node:https")).createServer(options.tls, listener) as unknown as Server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host: state.host,
    requests: state.requests,
    misbehave: state.misbehave,
    blobs: state.blobs,
    manifests: state.manifests,
    openUploads: () => state.uploads.size,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${state.host}`);
  const method = request.method ?? "GET";
  state.requests.push({ method, url: url.pathname + url.search, headers: request.headers });
  const exchange: Exchange = { state, request, response, url, method };
  if (url.pathname === "/token") return await answerToken(exchange);
  if (isBusy(state)) return refuseBusy(exchange);
  if (!authorized(exchange)) return challenge(exchange);
  if (url.pathname === "/v2/") return void response.writeHead(200).end("{}");
  if (url.pathname === "/v2/_catalog") return page(exchange, "repositories", repositories(state));
  const route = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags)\/?(.*)$/.exec(url.pathname);
  if (route === null) return fail(exchange, 404, "NAME_UNKNOWN", "repository name not known to registry");
  const [, repository = "", kind = "", rest = ""] = route;
  if (kind === state.misbehave.silentAbout) return;
  if (kind === "tags") return listTagsOf(exchange, repository);
  if (kind === "manifests") return await answerManifest(exchange, repository, rest);
  if (kind === "blobs") return await answerBlob(exchange, repository, rest);
  return await answerUpload(exchange, repository, rest);
}

function isBusy(state: State): boolean {
  return (state.misbehave.unavailable ?? 0) > 0 || (state.misbehave.tooManyRequests?.times ?? 0) > 0;
}

function refuseBusy({ state, response }: Exchange): void {
  const { tooManyRequests } = state.misbehave;
  if (tooManyRequests !== undefined && tooManyRequests.times > 0) {
    tooManyRequests.times -= 1;
    response.writeHead(429, tooManyRequests.retryAfter === undefined ? {} : { "retry-after": tooManyRequests.retryAfter }).end();
    return;
  }
  state.misbehave.unavailable = (state.misbehave.unavailable ?? 1) - 1;
  response.writeHead(503).end();
}

function authorized({ state, request }: Exchange): boolean {
  const { auth } = state.options;
  if (auth === undefined) return true;
  const header = request.headers.authorization ?? "";
  if (auth.kind === "basic") return header === basicHeader(auth);
  const token = /^Bearer token-(\d+)$/.exec(header)?.[1];
  return token !== undefined && (auth.narrowFirst !== true || Number(token) > 1);
}

function challenge({ state, response, url }: Exchange): void {
  const { auth } = state.options;
  const repository = /^\/v2\/(.+)\/(?:blobs|manifests|tags)\//.exec(url.pathname)?.[1];
  const scope = repository === undefined ? "" : `,scope="repository:${repository}:pull,push"`;
  const value = auth?.kind === "basic" ? 'Basic realm="test"' : `Bearer realm="http://${state.host}/token",service="test"${scope}`;
  response.writeHead(401, { "www-authenticate": value, "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }));
}

async function answerToken({ state, request, response }: Exchange): Promise<void> {
  const { auth } = state.options;
  const body = new URLSearchParams((await readBody(request)).toString());
  const known =
    auth === undefined ||
    request.headers.authorization === basicHeader(auth) ||
    (auth.identityToken !== undefined && body.get("refresh_token") === auth.identityToken);
  if (!known) return void response.writeHead(401).end();
  state.tokens += 1;
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ token: `token-${state.tokens}`, expires_in: 300 }));
}

function basicHeader(auth: AuthSettings): string {
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`;
}

function listTagsOf(exchange: Exchange, repository: string): void {
  const tags = [...exchange.state.manifests.keys()]
    .filter((key) => key.startsWith(`${repository}:`) && !key.includes("@"))
    .map((key) => key.slice(repository.length + 1));
  if (repositories(exchange.state).includes(repository)) page(exchange, "tags", tags.sort());
  else fail(exchange, 404, "NAME_UNKNOWN", "repository name not known to registry");
}

function repositories(state: State): string[] {
  return [...new Set([...state.manifests.keys()].map((key) => key.replace(/[:@].*$/, "")))].sort();
}

function page({ state, response, url }: Exchange, field: string, all: readonly string[]): void {
  const size = state.options.pageSize ?? 100;
  const last = url.searchParams.get("last");
  const from = last === null ? 0 : all.indexOf(last) + 1;
  const part = all.slice(from, from + size);
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (from + size < all.length) headers["link"] = `<${url.pathname}?n=${size}&last=${part.at(-1)}>; rel="next"`;
  response.writeHead(200, headers).end(JSON.stringify({ [field]: part }));
}

async function answerManifest(exchange: Exchange, repository: string, target: string): Promise<void> {
  const { state, request, response, method } = exchange;
  const key = target.includes(":") ? `${repository}@${target}` : `${repository}:${target}`;
  if (method === "PUT") {
    const bytes = await readBody(request);
    const mediaType = request.headers["content-type"] ?? guessMediaType(bytes);
    if (state.misbehave.refuseTypes?.includes(mediaType) === true) return fail(exchange, 415, "MANIFEST_INVALID", "manifest invalid");
    if (target.includes(":") && sha256(bytes) !== target) return fail(exchange, 400, "DIGEST_INVALID", "provided digest did not match");
    state.manifests.set(key, { bytes, mediaType });
    state.manifests.set(`${repository}@${sha256(bytes)}`, { bytes, mediaType });
    return void response.writeHead(201, { "docker-content-digest": sha256(bytes) }).end();
  }
  const found = state.manifests.get(key);
  if (found === undefined) return fail(exchange, 404, "MANIFEST_UNKNOWN", "manifest unknown");
  if (method === "DELETE") {
    for (const [name, manifest] of state.manifests)
      if (name.startsWith(repository) && sha256(manifest.bytes) === target) state.manifests.delete(name);
    return void response.writeHead(202).end();
  }
  response.writeHead(200, {
    "content-type": found.mediaType,
    "docker-content-digest": sha256(found.bytes),
    "content-length": String(found.bytes.length),
  });
  response.end(method === "HEAD" ? undefined : found.bytes);
}

async function answerBlob(exchange: Exchange, repository: string, digest: string): Promise<void> {
  const { state, request, response, method } = exchange;
  const stored = state.blobs.get(`${repository}@${digest}`);
  if (stored === undefined) return fail(exchange, 404, "BLOB_UNKNOWN", "blob unknown to registry");
  if (method === "HEAD") return void response.writeHead(200, { "content-length": String(stored.length) }).end();
  const { redirectBlobsTo } = state.misbehave;
  if (redirectBlobsTo !== undefined)
    return void response.writeHead(307, { location: `${redirectBlobsTo}/v2/${repository}/blobs/${digest}?signature=secret` }).end();
  const bytes = digest === state.misbehave.corruptBlob ? corrupted(stored) : stored;
  const parts = state.misbehave.noRange === true ? [] : askedRanges(request.headers.range ?? "");
  if (parts.length > 0) return answerRanges(exchange.response, bytes, state.misbehave.singleRange === true ? parts.slice(0, 1) : parts);
  const start = state.misbehave.noRange === true ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const from = start === undefined ? 0 : Number(start);
  const headers: Record<string, string> = { "content-length": String(bytes.length - from) };
  if (start !== undefined) headers["content-range"] = `bytes ${from}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(start === undefined ? 200 : 206, headers);
  if (state.misbehave.trickleMs !== undefined) return trickle(response, bytes.subarray(from), state.misbehave.trickleMs);
  const cut = state.misbehave.cutAfter;
  if (cut === undefined || cut.times <= 0 || bytes.length - from <= cut.bytes) return void response.end(bytes.subarray(from));
  cut.times -= 1;
  response.write(bytes.subarray(from, from + cut.bytes));
  setTimeout(() => response.destroy(), 20);
}

function trickle(response: ServerResponse, bytes: Uint8Array, pauseMs: number): void {
  let at = 0;
  const timer = setInterval(() => response.write(bytes.subarray(at, ++at)), pauseMs);
  response.on("close", () => clearInterval(timer));
}

async function answerUpload(exchange: Exchange, repository: string, id: string): Promise<void> {
  const { state, method, response } = exchange;
  if (method === "POST") return beginUpload(exchange, repository);
  const parts = state.uploads.get(id);
  if (parts === undefined) return fail(exchange, 404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
  if (method === "DELETE") {
    state.uploads.delete(id);
    return void response.writeHead(204).end();
  }
  if (method === "GET") return void response.writeHead(204, uploadHeaders(repository, id, sizeOf(parts))).end();
  return method === "PATCH"
    ? await appendUpload(exchange, { repository, id, parts })
    : await finishUpload(exchange, { repository, id, parts });
}

function beginUpload({ state, response, url }: Exchange, repository: string): void {
  const digest = url.searchParams.get("mount");
  const from = url.searchParams.get("from");
  const blob = digest === null || from === null || state.misbehave.noMount === true ? undefined : state.blobs.get(`${from}@${digest}`);
  if (blob !== undefined) {
    state.blobs.set(`${repository}@${digest}`, blob);
    return void response.writeHead(201, { location: `/v2/${repository}/blobs/${digest}` }).end();
  }
  const id = crypto.randomUUID();
  state.uploads.set(id, []);
  response.writeHead(202, uploadHeaders(repository, id, 0)).end();
}

interface Upload {
  readonly repository: string;
  readonly id: string;
  readonly parts: Buffer[];
}

async function appendUpload(exchange: Exchange, upload: Upload): Promise<void> {
  const { request, response, state } = exchange;
  const body = await readBody(request);
  const start = /^(\d+)-/.exec(request.headers["content-range"] ?? "")?.[1];
  if (start !== undefined && Number(start) !== sizeOf(upload.parts))
    return void response.writeHead(416, uploadHeaders(upload.repository, upload.id, sizeOf(upload.parts))).end();
  upload.parts.push(body);
  if ((state.misbehave.loseChunkAcks ?? 0) > 0) {
    state.misbehave.loseChunkAcks = (state.misbehave.loseChunkAcks ?? 1) - 1;
    return void response.destroy();
  }
  response.writeHead(202, uploadHeaders(upload.repository, upload.id, sizeOf(upload.parts))).end();
}

async function finishUpload(exchange: Exchange, upload: Upload): Promise<void> {
  const { request, response, state, url } = exchange;
  const bytes = Buffer.concat([...upload.parts, await readBody(request)]);
  const digest = url.searchParams.get("digest") ?? "";
  if (sha256(bytes) !== digest) return fail(exchange, 400, "DIGEST_INVALID", "provided digest did not match uploaded content");
  state.uploads.delete(upload.id);
  state.blobs.set(`${upload.repository}@${digest}`, bytes);
  response.writeHead(201, { location: `/v2/${upload.repository}/blobs/${digest}`, "docker-content-digest": digest }).end();
}

function uploadHeaders(repository: string, id: string, size: number): Record<string, string> {
  return { location: `/v2/${repository}/blobs/uploads/${id}?state=x`, range: `0-${Math.max(0, size - 1)}`, "content-length": "0" };
}

function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function corrupted(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 0xff;
  return copy;
}

function fail({ response }: Exchange, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ errors: [{ code, message }] }));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
