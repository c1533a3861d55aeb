import { redactUrl } from "@containers/common/http/fetch";
import type { Send } from "../exchange.ts";

/** Tells `log` of each request and its status: method, URL without query and user, never a header. */
export function withRedactedLog(send: Send, log: (line: string) => void): Send {
  return async (request) => {
    const what = `${request.method} ${redactUrl(request.url)}`;
    try {
      const response = await send(request);
      log(`${what}: status ${response.status}`);
      return response;
    } catch (error) {
      log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      throw error;
    }
  };
}
