import { type ByteStream, readAll } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { type HttpResponse, redactUrl } from "@containers/common/http/fetch";
import { requestWords } from "@containers/common/http/http-error";
import type { Send } from "../exchange.ts";

/** Seconds to wait for a registry that sends nothing, or next to nothing; 0 waits forever. */
export const PATIENCE_VARIABLE = "CONTAINERS_REGISTRY_TIMEOUT";

/** A mirror that fetches a large blob itself first may well be silent for a minute. */
const DEFAULT_SECONDS = 120;
/** What must arrive within that time to count as a sign of life. */
const SIGN_OF_LIFE = 1024;

/** The patience that the environment asks for, in milliseconds; undefined for one without end. */
export function patienceFrom(env: Readonly<Record<string, string | undefined>> = process.env): number | undefined {
  const text = env[PATIENCE_VARIABLE] ?? "";
  const seconds = text === "" ? DEFAULT_SECONDS : Number(text);
  if (!(seconds >= 0)) throw new ToolError("invalid-argument", `${PATIENCE_VARIABLE}: invalid number of seconds "${text}"`);
  return seconds === 0 ? undefined : seconds * 1000;
}

/**
 * Gives up on servers that stay silent or send their bytes one by one: throws unavailable with the code `timeout`. The time until the head of an
 * answer counts for reads only (a registry may take long to store what it was sent), in a body only while somebody waits for its bytes.
 */
export function withPatience(send: Send, patienceMs: number | undefined): Send {
  if (patienceMs === undefined) return send;
  return async (request) => {
    const controller = new AbortController();
    const signal = request.signal === undefined ? controller.signal : AbortSignal.any([request.signal, controller.signal]);
    const watch = new Watch(controller, patienceMs, requestWords(request.method, redactUrl(request.url)));
    const isRead = request.method === "GET" || request.method === "HEAD";
    const response = await (isRead ? watch.during(send({ ...request, signal })) : send({ ...request, signal }));
    return impatient(response, watch);
  };
}

function impatient(response: HttpResponse, watch: Watch): HttpResponse {
  const stream: HttpResponse["stream"] = (options) => watched(response.stream(options), watch);
  const bytes = (max: number): Promise<Uint8Array> => readAll(stream(), max, `the answer of ${redactUrl(response.url)}`);
  return {
    url: response.url,
    status: response.status,
    headers: response.headers,
    stream,
    bytes,
    text: async (max) => new TextDecoder().decode(await bytes(max)),
    discard: () => response.discard(),
  };
}

async function* watched(stream: ByteStream, watch: Watch): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await watch.during(iterator.next());
      if (next.done === true) return;
      watch.received(next.value.length);
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Time that was spent waiting without a sign of life. */
class Watch {
  readonly #controller: AbortController;
  readonly #patienceMs: number;
  readonly #what: string;
  #left: number;
  #bytes = 0;

  constructor(controller: AbortController, patienceMs: number, what: string) {
    this.#controller = controller;
    this.#patienceMs = patienceMs;
    this.#what = what;
    this.#left = patienceMs;
  }

  async during<T>(promise: Promise<T>): Promise<T> {
    const began = performance.now();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#controller.abort();
    }, this.#left);
    try {
      return await promise;
    } catch (error) {
      if (!late) throw error;
      const seconds = this.#patienceMs / 1000;
      throw new ToolError("unavailable", `${this.#what}: timed out: hardly anything came from the server in ${seconds} seconds`, {
        code: "timeout",
        hint: `${PATIENCE_VARIABLE} sets how many seconds to wait`,
      });
    } finally {
      clearTimeout(timer);
      this.#left = Math.max(0, this.#left - (performance.now() - began));
    }
  }

  received(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < SIGN_OF_LIFE) return;
    this.#bytes = 0;
    this.#left = this.#patienceMs;
  }
}
