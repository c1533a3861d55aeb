import type { ByteStream } from "@containers/common/digest/byte-stream";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { type HttpResponse, httpRequest, type TlsOptions } from "@containers/common/http/fetch";
import { httpUpgrade } from "@containers/common/http/upgrade";
import { podmanVersion } from "../system/version.ts";
import type { Query, Service, ServiceRequest } from "./service.ts";
import { serviceError } from "./service-error.ts";
import { forwardSocket, sshHost, sshRun } from "./ssh.ts";
import type { RemoteTarget } from "./target.ts";

/** Where HTTP goes once the way there is open. */
interface Endpoint {
  /** `http://d`, `https://host:port/prefix`. */
  readonly base: string;
  readonly unixSocket?: string;
  readonly tls?: TlsOptions;
  close(): void;
}

const ADVICE =
  "Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`, or try `podman machine init` and `podman machine start` to manage a new Linux VM";

/**
 * Connects to a service and makes sure that it answers.
 * @param warn is told what to do when it does not, a line
 * @throws ToolError unavailable, with code `no-service`
 */
export async function connectService(target: RemoteTarget, warn: (line: string) => void): Promise<Service> {
  try {
    const endpoint = await openEndpoint(target);
    try {
      return serviceAt(endpoint, await ping(endpoint, target.uri));
    } catch (error) {
      endpoint.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof ToolError && error.kind === "unavailable") warn(ADVICE);
    throw error;
  }
}

/** Where a service is that needs no tunnel; undefined for ssh. @throws ToolError invalid-argument for what is no such URL */
export function serviceAddress({ uri, tls }: RemoteTarget): Omit<Endpoint, "close"> | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase() ?? "";
  if (scheme === "unix") return { base: "http://d", unixSocket: `/${uri.slice("unix://".length).replace(/^\/+/, "")}` };
  if (scheme === "tcp") {
    const rest = uri.slice("tcp://".length).replace(/\/+$/, "");
    return { base: `${tls === undefined ? "http" : "https"}://${rest}`, ...(tls === undefined ? {} : { tls }) };
  }
  if (scheme === "ssh") return undefined;
  throw new ToolError("invalid-argument", `unable to create connection. ${JSON.stringify(scheme)} is not a supported schema`);
}

async function openEndpoint(target: RemoteTarget): Promise<Endpoint> {
  const address = serviceAddress(target);
  if (address !== undefined) return { ...address, close: () => undefined };
  const parsed = new URL(target.uri);
  const host = sshHost(parsed, target.identity, target.sshConfig);
  const path = decodeURIComponent(parsed.pathname);
  const socket = await forwardSocket(host, path === "" || path === "/" ? await remoteSocketPath(host) : path);
  return { base: "http://d", unixSocket: socket.path, close: socket.close };
}

/** The other machine's podman says where its service listens. */
export async function remoteSocketPath(host: ReturnType<typeof sshHost>): Promise<string> {
  const said = await sshRun(host, ["podman", "info", "--format", "'{{.Host.RemoteSocket.Path}}'"]);
  return said.trim().replace(/^unix:\/\//, "");
}

/** The service's API version. */
async function ping(endpoint: Endpoint, uri: string): Promise<string> {
  const fail = (reason: string): ToolError =>
    new ToolError("unavailable", `unable to connect to Podman socket: ${reason}`, { code: "no-service", exitCode: 125 });
  let response: HttpResponse;
  try {
    response = await httpRequest(`${endpoint.base}/v${podmanVersion}/libpod/_ping`, { ...wayTo(endpoint), timeoutMs: 60_000 });
  } catch (error) {
    throw fail(`${describeError(error)}: ${uri}`);
  }
  await response.discard();
  if (response.status !== 200) throw fail(`ping response was ${response.status}`);
  const version = response.headers.get("libpod-api-version") ?? "";
  if (version !== "" && Number(version.split(".")[0]) < 4)
    throw fail(`server API version is too old. Client "4.0.0" server ${JSON.stringify(version)}`);
  return version;
}

function serviceAt(endpoint: Endpoint, version: string): Service {
  const root = `${endpoint.base}/v${podmanVersion}/libpod`;
  return {
    version,
    async request(method, path, request = {}) {
      const response = await httpRequest(`${root}${path}${queryText(request.query)}`, {
        method,
        ...wayTo(endpoint),
        ...bodyOf(request),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
      const { status } = response;
      if ((status >= 200 && status < 300) || status === 304 || request.accept?.includes(status)) return response;
      throw serviceError(status, await response.text(1 << 20));
    },
    async attach(path, request = {}) {
      const answer = await httpUpgrade(`${root}${path}${queryText(request.query)}`, {
        ...wayTo(endpoint),
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body), headers: { "content-type": "application/json" } }),
      });
      if (answer.status === 101 || answer.status === 200) return answer.connection;
      throw serviceError(answer.status, answer.refusal);
    },
    close: () => endpoint.close(),
  };
}

function wayTo({ unixSocket, tls }: Endpoint): { unixSocket?: string; tls?: TlsOptions } {
  return { ...(unixSocket === undefined ? {} : { unixSocket }), ...(tls === undefined ? {} : { tls }) };
}

function bodyOf({ body, headers = {} }: ServiceRequest): {
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array | ByteStream;
} {
  if (body === undefined) return { headers };
  if (body instanceof Uint8Array) return { headers, body };
  if (Symbol.asyncIterator in body) return { headers, body: body as ByteStream };
  return { headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

function queryText(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === "object") for (const one of value) params.append(key, one);
    else params.append(key, String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
