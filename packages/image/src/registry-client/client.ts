import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { type HttpResponse, httpRequest, type TlsOptions } from "@containers/common/http/fetch";
import type { NamedReference } from "../reference/reference.ts";
import type { RegistryAccess } from "../transports/transport.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { RegistryRequest, Send } from "./exchange.ts";
import { patienceFrom, withPatience } from "./interceptors/patience.ts";
import { withRedactedLog } from "./interceptors/redacted-log.ts";
import { withRedirects } from "./interceptors/redirects.ts";
import { type RetryOptions, withRetry } from "./interceptors/retry.ts";
import { type RegistryCredentials, withTokenAuth } from "./interceptors/token-auth.ts";
import { withUserAgent } from "./interceptors/user-agent.ts";
import { registryError } from "./registry-error.ts";
import { loadTls } from "./tls-config.ts";

export interface ClientOptions {
  readonly access?: RegistryAccess;
  /** Certificates need not verify, and plain http is tried when https fails. */
  readonly insecure?: boolean;
  /** `pull`, `push` or `*` (delete): what the token must allow. */
  readonly actions?: string;
  /** Looked up unless given; `null` for none. */
  readonly credentials?: RegistryCredentials | null;
  readonly signal?: AbortSignal;
  readonly retry?: RetryOptions;
  /** Milliseconds to wait for a silent server; what the environment says unless given. */
  readonly patienceMs?: number;
  readonly log?: (line: string) => void;
}

/** A registry that has answered once, and how to talk to it. */
export interface RegistryClient {
  /** `https://host:port`, without a slash at the end. */
  readonly base: string;
  /** Repository path that {@link send}'s tokens are for, "" for the registry as a whole. */
  readonly repository: string;
  /** Sends a request with everything around it: authentication, retries, redirects. The URL may be a path below {@link base}. */
  readonly send: Send;
  /** Whether the registry stores signatures itself (X-Registry-Supports-Signatures). */
  readonly storesSignatures: boolean;
}

const DEFAULT_USER_AGENT = "containers/5.0 (github.com/containers/image)";

/** A client for the repository of this name. Asks the registry once, to learn its scheme and what it wants for authentication. */
export async function openRepository(reference: NamedReference, options: ClientOptions = {}): Promise<RegistryClient> {
  const actions = options.actions ?? "pull";
  return await openClient(
    { domain: reference.domain, repository: reference.path, key: reference.name, scope: `repository:${reference.path}:${actions}` },
    options,
  );
}

/** A client for a registry as a whole: catalog and log-in. `scope` undefined asks for a plain token. */
export async function openRegistry(domain: string, options: ClientOptions & { readonly scope?: string } = {}): Promise<RegistryClient> {
  return await openClient({ domain, repository: "", key: domain, scope: options.scope }, options);
}

interface Target {
  readonly domain: string;
  readonly repository: string;
  /** What credentials are looked up for. */
  readonly key: string;
  readonly scope: string | undefined;
}

async function openClient(target: Target, options: ClientOptions): Promise<RegistryClient> {
  const host = registryHost(target.domain);
  const insecure = options.insecure ?? options.access?.tlsVerify === false;
  const tls = loadTls(target.domain, { certDir: options.access?.certDir, verify: !insecure });
  const plain = plainSend(tls, options);
  const met = await ping(host, withRetry(plain, options.retry), { insecure, signal: options.signal });
  const credentials = met.challenges.length === 0 ? undefined : await credentialsFor(target.key, options);
  const realm = withRetry(withRedirects(plain), options.retry);
  const authenticated = withTokenAuth(plain, realm, {
    host,
    challenges: met.challenges,
    credentials,
    bearerToken: options.access?.bearerToken,
    scope: target.scope,
  });
  const send = withRetry(withRedirects(authenticated), options.retry);
  return {
    base: met.base,
    repository: target.repository,
    storesSignatures: met.storesSignatures,
    send: (request) =>
      send({ signal: options.signal, ...request, url: request.url.startsWith("/") ? met.base + request.url : request.url }),
  };
}

/** The host that speaks for a domain: Docker Hub's names and its API live apart. */
export function registryHost(domain: string): string {
  return domain === "docker.io" ? "registry-1.docker.io" : domain;
}

function plainSend(tls: TlsOptions, options: ClientOptions): Send {
  const bare: Send = (request: RegistryRequest) =>
    httpRequest(request.url, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      signal: request.signal,
      largeDownload: request.largeDownload,
      largeUpload: request.largeUpload,
      ...(request.url.startsWith("https:") ? { tls } : {}),
    });
  const agent = withUserAgent(withPatience(bare, options.patienceMs ?? patienceFrom()), options.access?.userAgent ?? DEFAULT_USER_AGENT);
  return options.log === undefined ? agent : withRedactedLog(agent, options.log);
}

async function credentialsFor(key: string, options: ClientOptions): Promise<RegistryCredentials | undefined> {
  if (options.credentials !== undefined) return options.credentials ?? undefined;
  if (options.access?.bearerToken !== undefined) return undefined;
  const { lookupCredentials } = await import("../auth/lookup.ts");
  return await lookupCredentials(key, options.access ?? {});
}

interface Met {
  readonly base: string;
  readonly challenges: readonly Challenge[];
  readonly storesSignatures: boolean;
}

async function ping(host: string, send: Send, options: { readonly insecure: boolean; readonly signal?: AbortSignal }): Promise<Met> {
  const failures = new Map<string, unknown>();
  for (const scheme of schemesFor(host, options.insecure)) {
    try {
      return await pingScheme(`${scheme}://${host}`, send, options.signal);
    } catch (error) {
      failures.set(scheme, error);
      // No second scheme helps where nothing listens.
      if (error instanceof ToolError && ["connection-refused", "host-unknown"].includes(error.code) && hasPort(host)) break;
    }
  }
  // What https met is the telling failure, unless only plain http is spoken here.
  const secure = failures.get("https");
  const speaksPlain =
    secure === undefined || (secure instanceof ToolError && (secure.code === "connection-refused" || secure.code === "tls"));
  throw wrapError(`pinging container registry ${host}`, speaksPlain ? (failures.get("http") ?? secure) : secure);
}

/**
 * The schemes to try. A port that was named speaks one of the two, so of an insecure registry it is asked first what costs a tenth:
 * a TLS server refuses plain http at once, and the ping carries nothing secret. Without a port these are two servers, and https comes first.
 */
function schemesFor(host: string, insecure: boolean): readonly string[] {
  if (!insecure) return ["https"];
  return hasPort(host) ? ["http", "https"] : ["https", "http"];
}

function hasPort(host: string): boolean {
  return /:\d+$/.test(host);
}

async function pingScheme(base: string, send: Send, signal: AbortSignal | undefined): Promise<Met> {
  const response = await send({ method: "GET", url: `${base}/v2/`, signal });
  if (response.status !== 200 && response.status !== 401) throw await registryError(response);
  const met = metFrom(base, response);
  await response.discard();
  return met;
}

function metFrom(base: string, response: HttpResponse): Met {
  return {
    base,
    challenges: parseChallenges(response.headers.get("www-authenticate")),
    storesSignatures: response.headers.get("x-registry-supports-signatures") === "1",
  };
}
