import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { type HttpRequestOptions, type HttpResponse, httpRequest, type TlsOptions } from "@containers/common/http/fetch";
import type { ImageContext } from "../transport.ts";

const defaultHost = "unix:///var/run/docker.sock";
const MAX_ERROR_BYTES = 64 << 10;

/**
 * One exchange with the daemon that `context.dockerDaemon` names (`unix://PATH`, `tcp://`, `http://` or `https://HOST:PORT`; by default Docker's own
 * socket). As in the original, `tcp` means TLS.
 *
 * @throws unavailable when nobody answers there; what the daemon itself says when it refuses
 */
export async function daemonRequest(context: ImageContext, path: string, options: HttpRequestOptions = {}): Promise<HttpResponse> {
  const host = context.dockerDaemon?.host ?? defaultHost;
  const response = await httpRequest(`${baseUrl(host)}${path}`, {
    ...options,
    ...(host.startsWith("unix://") ? { unixSocket: host.slice("unix://".length), proxy: "" } : { tls: tlsOf(context) }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  }).catch((error: unknown) => {
    if (!isErrorOfKind(error, "unavailable") || !host.startsWith("unix://")) throw error;
    throw new ToolError("unavailable", `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`);
  });
  if (response.status < 300) return response;
  const text = await response.text(MAX_ERROR_BYTES);
  throw new ToolError(
    response.status === 404 ? "not-found" : "unavailable",
    `docker daemon at ${host}: ${messageOf(text, response.status)}`,
  );
}

function baseUrl(host: string): string {
  const [, scheme, rest = ""] = /^(unix|tcp|http|https):\/\/(.+)$/.exec(host) ?? [];
  if (scheme === undefined) throw new ToolError("invalid-argument", `unable to parse docker host ${JSON.stringify(host)}`);
  if (scheme === "unix") return "http://docker";
  return `${scheme === "http" ? "http" : "https"}://${rest.replace(/\/$/, "")}`;
}

function tlsOf(context: ImageContext): TlsOptions {
  const { certDir, tlsVerify } = context.dockerDaemon ?? {};
  const read = (name: string): string | undefined => {
    const path = certDir === undefined ? undefined : join(certDir, name);
    return path !== undefined && existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const [ca, cert, key] = [read("ca.pem"), read("cert.pem"), read("key.pem")];
  return {
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(tlsVerify === false ? { verify: false } : {}),
  };
}

function messageOf(text: string, status: number): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Not the daemon's own words; the status tells.
  }
  return `status ${status}`;
}
