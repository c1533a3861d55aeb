import type { ByteStream } from "@containers/common/digest/byte-stream";
import type { HttpResponse } from "@containers/common/http/fetch";
import type { UpgradedConnection } from "@containers/common/http/upgrade";

/** A value of a query: lists are sent once per element, absent values and empty lists not at all. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

export interface ServiceRequest {
  readonly query?: Query;
  /** An object is sent as JSON. */
  readonly body?: object | Uint8Array | ByteStream;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Statuses that are answers, besides 2xx and 304; every other one is thrown. */
  readonly accept?: readonly number[];
}

/**
 * The engine's API at the other end of a socket. Paths are relative to `/libpod`: `/containers/json`. Segments must have been through
 * {@link segment}.
 */
export interface Service {
  /** The API's version that the service told. */
  readonly version: string;
  /** @throws ToolError of the kind that the status means, with the service's own message */
  request(method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD", path: string, request?: ServiceRequest): Promise<HttpResponse>;
  /** A connection for attached streams. @throws ToolError as {@link Service.request} */
  attach(path: string, request?: { readonly query?: Query; readonly body?: object }): Promise<UpgradedConnection>;
  close(): void;
}

/** A name or id as one segment of a path. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

/** An answer is held in memory up to this size. */
const MAX_ANSWER = 512 << 20;

export async function getJson(service: Service, path: string, query: Query = {}): Promise<unknown> {
  return readJson(await service.request("GET", path, { query }));
}

export async function postJson(service: Service, path: string, request: ServiceRequest = {}): Promise<unknown> {
  return readJson(await service.request("POST", path, request));
}

/** A deed of which nothing but success or failure is told. */
export async function post(service: Service, path: string, query: Query = {}): Promise<void> {
  await (await service.request("POST", path, { query })).discard();
}

export async function deleteJson(service: Service, path: string, query: Query = {}): Promise<unknown> {
  return readJson(await service.request("DELETE", path, { query }));
}

/** Whether there is such a thing: a 404 says no. */
export async function exists(service: Service, path: string, query: Query = {}): Promise<boolean> {
  const response = await service.request("GET", path, { query, accept: [404] });
  await response.discard();
  return response.status !== 404;
}

/** The answer's JSON; undefined for an empty body. */
export async function readJson(response: HttpResponse): Promise<unknown> {
  const text = await response.text(MAX_ANSWER);
  return text.trim() === "" ? undefined : JSON.parse(text);
}

/** Each JSON value of an answer that sends one after the other, a line each, as they come. */
export async function* jsonLines(response: HttpResponse): AsyncGenerator<unknown> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of response.stream()) {
    pending += decoder.decode(chunk, { stream: true });
    const lines = pending.split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield JSON.parse(line);
  }
  if (pending.trim() !== "") yield JSON.parse(pending);
}
