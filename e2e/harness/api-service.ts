import { join } from "node:path";
import { untilListening } from "./until-listening.ts";
import type { World } from "./world.ts";

/** An answer of the service. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
}

/** `podman system service` of a world, on a Unix socket. */
export interface RawOptions {
  readonly until?: RegExp;
  readonly endInput?: boolean;
  /** Called, perhaps several times, once the head of the answer is there. */
  readonly onHead?: () => void;
}

export interface ApiService {
  readonly socket: string;
  readonly pid: number;
  /** Bytes and text are sent as an archive, a form as a form, anything else as JSON. */
  request(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  /** Sends bytes and gives all that comes back until the service closes, or `until` fits. */
  raw(bytes: string, options?: RawOptions): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a service and waits until it answers. */
export async function startApiService(world: World, args: readonly string[] = ["--time=0"]): Promise<ApiService> {
  const socket = join(world.directory, "run", "api.sock");
  const child = world.spawn("podman", ["system", "service", ...args, `unix://${socket}`], { timeout: 600_000 });
  await untilListening(socket);
  return {
    socket,
    pid: child.pid ?? 0,
    request: (method, path, body) => request(socket, method, { path, body }),
    raw: (bytes, options = {}) => raw(socket, bytes, options),
    async stop() {
      child.kill("SIGTERM");
      await child;
    },
  };
}

async function request(socket: string, method: string, { path, body }: { path: string; body: unknown }): Promise<ApiAnswer> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const isForm = body instanceof FormData;
  const response = await fetch(`http://d${path}`, {
    method,
    unix: socket,
    ...(isForm ? {} : { headers: { "Content-Type": isRaw ? "application/x-tar" : "application/json" } }),
    ...(body === undefined ? {} : { body: isRaw || isForm ? body : JSON.stringify(body) }),
  } as RequestInit);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function raw(socket: string, bytes: string, options: RawOptions): Promise<string> {
  const received: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const text = (): string => Buffer.concat(received).toString("latin1");
  const connection = await Bun.connect({
    unix: socket,
    allowHalfOpen: true,
    socket: {
      data(_, data) {
        received.push(Buffer.from(data));
        if (text().includes("\r\n\r\n")) options.onHead?.();
        if (options.until?.test(text()) === true) resolve();
      },
      end: () => resolve(),
      close: () => resolve(),
      error: () => resolve(),
    },
  });
  connection.write(Buffer.from(bytes, "latin1"));
  if (options.endInput === true) connection.shutdown();
  await Promise.race([promise, Bun.sleep(60_000)]);
  connection.end();
  return text();
}
