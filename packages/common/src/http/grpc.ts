import http2 from "node:http2";
import net from "node:net";
import tls from "node:tls";
import { ToolError } from "../errors/tool-error.ts";

/** A server of gRPC and how it is reached. */
export interface GrpcTarget {
  /** `host:port`, `dns:///host:port`, `unix:path`, `unix:///path`. */
  readonly address: string;
  /** Plain HTTP/2 without. */
  readonly tls?: GrpcTls | undefined;
}

/** As {@link tls.connect} has them. */
export interface GrpcTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Of the certificate, where it is not the host's name. */
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean;
}

/** Milliseconds for one call. */
const TIME_LIMIT = 120_000;
/** Bytes of an answer; the limit that other clients have by default. */
const MAX_ANSWER = 4 << 20;

/**
 * Calls a method that takes one message and gives one (gRPC over HTTP/2).
 *
 * @param method `/package.Service/Method`
 * @throws ToolError unavailable when the server cannot be reached or the call fails, with its status and message
 */
export async function callGrpc(target: GrpcTarget, method: string, message: Uint8Array): Promise<Uint8Array> {
  const session = openSession(target);
  try {
    return await new Promise<Uint8Array>((resolve, reject) => {
      const fail = (error: unknown): void => reject(grpcError(target, error));
      session.once("error", fail);
      const request = session.request({ ":method": "POST", ":path": method, "content-type": "application/grpc", te: "trailers" });
      const chunks: Uint8Array[] = [];
      let size = 0;
      let status: Readonly<Record<string, unknown>> = {};
      request.setTimeout(TIME_LIMIT, () => fail(new Error("the server does not answer")));
      request.once("error", fail);
      // A server that refuses may say all in its headers.
      request.once("response", (headers) => (status = headers));
      request.once("trailers", (trailers) => (status = trailers));
      request.on("data", (chunk: Uint8Array) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > MAX_ANSWER) fail(new Error("the answer is too large"));
      });
      request.once("close", () => {
        try {
          requireSuccess(status);
          resolve(unframed(Buffer.concat(chunks)));
        } catch (error) {
          fail(error);
        }
      });
      request.end(framed(message));
    });
  } finally {
    session.destroy();
  }
}

function openSession({ address, tls: secure }: GrpcTarget): http2.ClientHttp2Session {
  const socket = /^unix:(?:\/\/)?(.+)$/.exec(address)?.[1];
  const authority = socket === undefined ? address.replace(/^(?:dns|passthrough):\/{0,3}/, "") : "localhost";
  const url = new URL(`${secure === undefined ? "http" : "https"}://${authority}`);
  const place = socket === undefined ? { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || 443) } : { path: socket };
  const { servername = url.hostname, ...trust } = secure ?? {};
  const createConnection = () =>
    secure === undefined ? net.connect(place) : tls.connect({ ...place, ...trust, servername, ALPNProtocols: ["h2"] });
  return http2.connect(url, { createConnection });
}

function requireSuccess(status: Readonly<Record<string, unknown>>): void {
  const code = status["grpc-status"];
  if (code === "0" || code === 0) return;
  if (code === undefined) throw new Error(`the server ended the call without a status (HTTP ${String(status[":status"] ?? "none")})`);
  throw new Error(`rpc error: code = ${String(code)} desc = ${decodeURIComponent(String(status["grpc-message"] ?? ""))}`);
}

/** One message, not compressed: a flag, its length, its bytes. */
function framed(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function unframed(bytes: Buffer): Uint8Array {
  if (bytes.length < 5 || bytes[0] !== 0 || bytes.readUInt32BE(1) !== bytes.length - 5) throw new Error("the answer is no message");
  return bytes.subarray(5);
}

function grpcError({ address }: GrpcTarget, error: unknown): ToolError {
  return error instanceof ToolError ? error : new ToolError("unavailable", `calling the server at ${address}`, { cause: error });
}
