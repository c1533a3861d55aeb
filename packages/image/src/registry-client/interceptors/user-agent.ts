import type { Send } from "../exchange.ts";

/** Says who asks, in every request. */
export function withUserAgent(send: Send, userAgent: string): Send {
  return (request) =>
    send({ ...request, headers: { "user-agent": userAgent, "docker-distribution-api-version": "registry/2.0", ...request.headers } });
}
