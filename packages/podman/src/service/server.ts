import type { Engine } from "../engine/engine.ts";
import { podmanVersion } from "../system/version.ts";
import { errorReply } from "./errors-to-http.ts";
import type { Exchange, Outcome, Reply, Serve } from "./http/exchange.ts";
import { headText } from "./http/exchange.ts";
import { ClientGone } from "./http/wire.ts";
import { plainText } from "./reply.ts";
import type { ApiRequest } from "./route.ts";
import { type RouteMatch, router } from "./router.ts";
import { ROUTES } from "./routes.ts";

/** Docker's API as it is offered, newest and oldest version. */
export const DOCKER_API_VERSION = "1.44";
export const DOCKER_MIN_API_VERSION = "1.24";

export interface ServiceOptions {
  /** Value of Access-Control-Allow-Origin; empty: no such headers. */
  readonly cors: string;
  /** Where it listens, as a URI; undefined for a socket that was handed over. */
  readonly endpoint: string | undefined;
  /** Told of requests that failed, one line each. */
  report(message: string): void;
}

/** What answers every request: routing, common headers, errors as answers. */
export function apiService(engine: Engine, options: ServiceOptions): Serve {
  const route = router(ROUTES);
  let lastReference = 0;
  return async (exchange) => {
    const { head } = exchange;
    const [path = "/"] = head.target.split("?", 1);
    const routing = route(head.method, path);
    switch (routing.kind) {
      case "redirect":
        return { status: 301, headers: { Location: `${routing.path}${head.target.slice(path.length)}` } };
      case "not-found":
        return plainText(404, "Not Found");
      case "wrong-method":
        return plainText(405, "Method Not Allowed");
      case "match": {
        const reference = head.headers.get("x-reference-id") || `0xc${(++lastReference * 8).toString(16).padStart(9, "0")}`;
        const headers = commonHeaders(routing.match, reference, options.cors);
        return serveMatch(engine, exchange, { match: routing.match, headers, ...options });
      }
    }
  };
}

interface Served extends Pick<ServiceOptions, "endpoint" | "report"> {
  readonly match: RouteMatch;
  readonly headers: Readonly<Record<string, string>>;
}

async function serveMatch(engine: Engine, exchange: Exchange, { match, headers, endpoint, report }: Served): Promise<Outcome> {
  try {
    const handler = await match.route.load();
    const outcome = await handler(apiRequest(engine, exchange, { match, endpoint }));
    return outcome === "hijacked" || outcome.bare === true ? outcome : { ...outcome, headers: { ...headers, ...outcome.headers } };
  } catch (error) {
    if (error instanceof ClientGone) throw error;
    const reply: Reply = errorReply(error);
    report(`request failed: ${exchange.head.method} ${exchange.head.target}: ${reply.status} ${String(reply.body).trim()}`);
    return { ...reply, headers: { ...headers, ...reply.headers } };
  }
}

function apiRequest(engine: Engine, exchange: Exchange, { match, endpoint }: Pick<Served, "match" | "endpoint">): ApiRequest {
  const { head, body, signal } = exchange;
  return {
    engine,
    body,
    signal,
    method: head.method,
    url: head.target,
    query: new URLSearchParams(head.target.slice(head.target.split("?", 1)[0]?.length).slice(1)),
    version: match.version,
    endpoint,
    isLibpod: match.route.path.startsWith("/libpod/"),
    param: (name) => match.params[name] ?? "",
    header: (name) => head.headers.get(name.toLowerCase()),
    hijack(contentType) {
      const asked = /\bupgrade\b/i.test(head.headers.get("connection") ?? "");
      const protocol = head.headers.get("upgrade") ?? "tcp";
      const upgrade = asked ? { Connection: "Upgrade", Upgrade: protocol } : {};
      // The original writes these two by hand, without the headers of other answers.
      return exchange.hijack(headText(asked ? 101 : 200, { "Content-Type": contentType, ...upgrade }));
    },
  };
}

function commonHeaders({ route }: RouteMatch, reference: string, cors: string): Record<string, string> {
  const always = { "X-Reference-Id": reference };
  if (route.plain === true) return always;
  return {
    "Api-Version": DOCKER_API_VERSION,
    "Libpod-Api-Version": podmanVersion,
    Server: `Libpod/${podmanVersion} (linux)`,
    ...always,
    ...(cors === ""
      ? {}
      : {
          "Access-Control-Allow-Origin": cors,
          "Access-Control-Allow-Headers":
            "Origin, X-Requested-With, Content-Type, Accept, X-Registry-Auth, Connection, Upgrade, X-Registry-Config",
          "Access-Control-Allow-Methods": "HEAD, GET, POST, DELETE, PUT, OPTIONS",
        }),
  };
}
