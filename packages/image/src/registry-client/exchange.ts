import type { ByteStream } from "@containers/common/digest/byte-stream";
import type { HttpResponse } from "@containers/common/http/fetch";

/** One request to a registry, before the wrappers have added what is theirs. */
export interface RegistryRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream can be sent once only: such a request is never repeated. */
  readonly body?: Uint8Array | string | ByteStream;
  /** False for hosts that are none of the registry's: no credentials are added. */
  readonly authenticate?: boolean;
  /** Token scopes beyond the client's own: `repository:other/repo:pull` for a mount. */
  readonly extraScopes?: readonly string[];
  readonly signal?: AbortSignal;
  /** A body of many bytes is expected back. */
  readonly largeDownload?: boolean;
  /** The body is a stream of many bytes, whose pieces are valid one at a time. */
  readonly largeUpload?: boolean;
}

/** Sends a request. Wrappers take one and give one: each does one thing. */
export type Send = (request: RegistryRequest) => Promise<HttpResponse>;

/** True when the request may be sent a second time. */
export function isRepeatable(request: RegistryRequest): boolean {
  return request.body === undefined || typeof request.body === "string" || request.body instanceof Uint8Array;
}
