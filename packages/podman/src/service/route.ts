import type { Engine } from "../engine/engine.ts";
import type { Outcome } from "./http/exchange.ts";
import type { RequestBody } from "./http/request-body.ts";
import type { Wire } from "./http/wire.ts";

/**
 * A way into the service, as data. A resource's file lists its routes; the module that answers is loaded when one of them is
 * first asked for.
 */
export interface Route {
  /** ANY fits every method. */
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "ANY";
  /** Without version: `/containers/{name}/json`. `{name}` is one segment, `{name:.*}` any number of them. */
  readonly path: string;
  /** What only begins with the path fits too. */
  readonly prefix?: boolean;
  /** Which of `/v1.41/…` and `/…` it is reached by; default both. */
  readonly reach?: "versioned" | "unversioned" | "both";
  /** Only under this major version of the API (`/v4.9/libpod/…`), or only from it on. */
  readonly major?: { readonly only?: number; readonly from?: number };
  /** Answers without the headers that tell the API's version, as the original does for swarm. */
  readonly plain?: boolean;
  load(): Promise<Handler>;
}

/** Does what the request asks for and says what to answer. Throws `HttpError`, or any error: see errors-to-http.ts. */
export type Handler = (request: ApiRequest) => Promise<Outcome> | Outcome;

export interface ApiRequest {
  readonly engine: Engine;
  readonly method: string;
  /** As it was asked for, with version and query, for messages. */
  readonly url: string;
  readonly query: URLSearchParams;
  /** The version in the path, if any: `1.41`, `5.0.0`. */
  readonly version: string | undefined;
  /** Where the service listens, `unix:///path` or `tcp://host:port`; undefined for a socket that was handed over. */
  readonly endpoint: string | undefined;
  /** The path is below `/libpod/`: many answers differ there. */
  readonly isLibpod: boolean;
  readonly body: RequestBody;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Of the path, decoded; empty when it has none of that name. */
  param(name: string): string;
  /** Of a header, by any spelling. */
  header(name: string): string | undefined;
  /** Takes the connection over for raw bytes both ways: `101 UPGRADED` when the client asked to upgrade, else `200 OK`. */
  hijack(contentType: string): Promise<Wire>;
}
