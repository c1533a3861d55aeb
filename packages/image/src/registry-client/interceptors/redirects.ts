import { ToolError } from "@containers/common/errors/tool-error";
import { isRepeatable, type Send } from "../exchange.ts";

const LIMIT = 10;
const CREDENTIAL_HEADERS: readonly string[] = ["authorization", "cookie", "proxy-authorization"];

/**
 * Follows redirects of reads. Credentials go no further than the host they were meant for: registries redirect blobs to
 * object stores, which must never see them.
 */
export function withRedirects(send: Send): Send {
  return async (first) => {
    let request = first;
    for (let hops = 0; ; hops++) {
      const response = await send(request);
      const location = response.headers.get("location");
      const moved = response.status >= 301 && response.status <= 308 && response.status !== 304 && location !== null;
      if (!moved || !isRepeatable(request) || (request.method !== "GET" && request.method !== "HEAD")) return response;
      if (hops === LIMIT) throw new ToolError("unavailable", `stopped after ${LIMIT} redirects`, { code: "redirect" });
      await response.discard();
      const target = URL.parse(location, request.url);
      if (target === null)
        throw new ToolError("unavailable", `redirected to an invalid address ${JSON.stringify(location)}`, { code: "redirect" });
      if (target.protocol !== "https:" && target.protocol !== "http:")
        throw new ToolError("unavailable", `redirected to an unsupported scheme ${target.protocol}`, { code: "redirect" });
      const from = new URL(request.url);
      if (from.protocol === "https:" && target.protocol === "http:")
        throw new ToolError("denied", `${from.host} redirects from https to plain http, which is refused`);
      const sameHost = target.host === from.host && target.protocol === from.protocol;
      request = {
        ...request,
        url: target.href,
        authenticate: sameHost && request.authenticate !== false,
        headers: sameHost ? request.headers : withoutCredentials(request.headers),
      };
    }
  };
}

function withoutCredentials(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !CREDENTIAL_HEADERS.includes(name.toLowerCase())));
}
