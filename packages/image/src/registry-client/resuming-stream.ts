import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { HttpResponse } from "@containers/common/http/fetch";
import type { RegistryClient } from "./client.ts";
import { registryError } from "./registry-error.ts";

/** Attempts without any progress before a download is given up. */
const FRUITLESS_ATTEMPTS = 5;
/** A server that trickles makes progress each time: how often a download is taken up again after a stall. */
const TOLERATED_STALLS = 1;
/** What is left from this size on is worth a connection of its own. */
const LARGE_REST = 1 << 20;

export interface Download {
  readonly url: string;
  readonly response: HttpResponse;
  /** Bytes; -1 when not known. */
  readonly size: number;
  /** Each piece is used before the next is asked for. */
  readonly borrowed: boolean;
}

/** The body of a download. When the connection breaks, the rest is asked for by Range; what was read already is never read again. */
export async function* resumingStream(client: RegistryClient, download: Download): AsyncGenerator<Uint8Array> {
  let { response } = download;
  let at = 0;
  let fruitless = 0;
  let stalls = 0;
  for (;;) {
    const before = at;
    try {
      for await (const chunk of response.stream({ borrowed: download.borrowed })) {
        at += chunk.length;
        yield chunk;
      }
      if (download.size < 0 || at >= download.size) return;
      throw new ToolError("unavailable", `the connection ended after ${at} of ${download.size} bytes`, { code: "connection-reset" });
    } catch (error) {
      fruitless = at > before ? 0 : fruitless + 1;
      if (isStall(error)) stalls += 1;
      if (!isCut(error) || fruitless >= FRUITLESS_ATTEMPTS || stalls > TOLERATED_STALLS) throw error;
      response = await reconnect(client, download, { at, error });
    }
  }
}

function isStall(error: unknown): boolean {
  return error instanceof ToolError && error.code === "timeout";
}

function isCut(error: unknown): boolean {
  return isStall(error) || (error instanceof ToolError && error.code === "connection-reset");
}

async function reconnect(
  client: RegistryClient,
  download: Download,
  state: { readonly at: number; readonly error: unknown },
): Promise<HttpResponse> {
  // From nothing, a plain request serves every registry.
  const headers: Record<string, string> = state.at === 0 ? {} : { range: `bytes=${state.at}-` };
  const response = await client.send({ method: "GET", url: download.url, headers, largeDownload: download.size - state.at >= LARGE_REST });
  if (state.at === 0 && response.status === 200) return response;
  const range = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  if (response.status === 206 && range !== null && Number(range[1]) === state.at) return response;
  if (response.status === 200 || response.status === 206) {
    await response.discard();
    throw wrapError(`the registry cannot resume a download at byte ${state.at}`, state.error);
  }
  throw await registryError(response);
}
