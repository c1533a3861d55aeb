import { serveConnection } from "./connection.ts";
import type { Serve } from "./exchange.ts";
import { type FedWire, fedWire, type RawSocket } from "./wire.ts";

/** Where a service listens. A descriptor is a listening socket that whoever started this process has made. */
export type Address =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "fd"; readonly fd: number };

/** PEM texts. */
export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  /** Clients must show a certificate that this authority has signed. */
  readonly clientCa?: string;
}

export interface ListenOptions {
  readonly address: Address;
  readonly tls?: TlsOptions;
  readonly serve: Serve;
  /** The number of requests and taken-over connections that are being dealt with, whenever it changes. */
  readonly onActivity: (active: number) => void;
  report(error: unknown): void;
}

export interface Listener {
  /** Port that was bound, for tcp. */
  readonly port: number | undefined;
  /** No new connections; with `force` those that are open are closed too. */
  stop(force: boolean): void;
}

/** A head has to come in within a minute. */
const HEAD_TIMEOUT = 60_000;

/**
 * Serves HTTP/1.1 on a socket of any kind. Not `node:http`, because on this runtime that can neither adopt a listening descriptor
 * nor give a connection away that did not ask for an upgrade (docs/decisions/0010-own-http-server.md).
 */
export function listen(options: ListenOptions): Listener {
  let active = 0;
  const wires = new WeakMap<object, FedWire>();
  const handlers = {
    open(socket: RawSocket) {
      const wire = fedWire(socket);
      wires.set(socket, wire);
      void serveConnection(wire, {
        serve: options.serve,
        headTimeout: HEAD_TIMEOUT,
        report: options.report,
        onActive(isActive) {
          active += isActive ? 1 : -1;
          options.onActivity(active);
        },
      });
    },
    data: (socket: RawSocket, bytes: Uint8Array) => wires.get(socket)?.feed.push(bytes),
    drain: (socket: RawSocket) => wires.get(socket)?.drained(),
    end: (socket: RawSocket) => wires.get(socket)?.inputEnded(),
    close: (socket: RawSocket) => wires.get(socket)?.gone(),
    error: (socket: RawSocket) => wires.get(socket)?.gone(),
  };
  // The runtime takes a descriptor here, which its types do not say.
  const bind = Bun.listen as unknown as (options: object) => { readonly port?: number; stop(force?: boolean): void };
  const server = bind({ ...place(options.address), ...tls(options.tls), allowHalfOpen: true, socket: handlers });
  return { port: server.port, stop: (force) => server.stop(force) };
}

function place(address: Address): object {
  if (address.kind === "unix") return { unix: address.path };
  return address.kind === "fd" ? { fd: address.fd } : { hostname: address.host, port: address.port };
}

function tls(options: TlsOptions | undefined): object {
  if (options === undefined) return {};
  const { cert, key, clientCa } = options;
  return { tls: { cert, key, ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }) } };
}
