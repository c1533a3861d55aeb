import { MSG_DONTWAIT, POLLIN } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { ImageProxy, type ImageProxyOptions } from "./image-proxy.ts";
import { encodeFailure, encodeReply, MAX_MESSAGE, type ProxyReply, parseRequest } from "./protocol.ts";

/** Milliseconds between looks at the socket while pipes are being fed. */
const BUSY_WAIT = 1;
/** Milliseconds after which a waiting proxy takes note of signals. */
const IDLE_WAIT = 100;

/**
 * Answers the requests of one client on a connected SOCK_SEQPACKET socket, one after the other, until it says Shutdown, closes its end, or `signal` fires.
 * The protocol is the original's `experimental-image-proxy`, which ostree and bootc use: JSON in packets, content through pipes.
 */
export async function serveImageProxy(socket: number, options: ImageProxyOptions): Promise<void> {
  const proxy = new ImageProxy(options);
  try {
    for (;;) {
      const message = await nextMessage(socket, proxy, options);
      if (message === undefined) return;
      if (!(await answer(socket, message, { proxy, sys: options.sys }))) return;
    }
  } finally {
    await proxy.close();
  }
}

/** @returns false after Shutdown */
async function answer(socket: number, message: Uint8Array, { proxy, sys }: { proxy: ImageProxy; sys: Sys }): Promise<boolean> {
  let reply: ProxyReply;
  try {
    const request = parseRequest(message);
    if (request.method === "Shutdown") return false;
    reply = await proxy.call(request);
  } catch (error) {
    await send(sys, socket, encodeFailure(error));
    return true;
  }
  const descriptors = reply.descriptors ?? [];
  try {
    if (descriptors.length > 0) sys.sendDescriptors(socket, descriptors, encodeReply(reply));
    else await send(sys, socket, encodeReply(reply));
  } finally {
    for (const descriptor of descriptors) sys.close(descriptor);
  }
  return true;
}

async function send(sys: Sys, socket: number, bytes: Uint8Array): Promise<void> {
  while (sys.send(socket, bytes, 0, bytes.length, 0) === -1) await Bun.sleep(BUSY_WAIT);
}

/** The next packet; undefined when there will be none. */
async function nextMessage(socket: number, proxy: ImageProxy, { sys, signal }: ImageProxyOptions): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(MAX_MESSAGE);
  while (!signal.aborted) {
    const length = sys.recv(socket, buffer, 0, buffer.length, MSG_DONTWAIT);
    if (length >= 0) return length === 0 ? undefined : buffer.subarray(0, length);
    if (!proxy.busy) sys.poll([{ fd: socket, events: POLLIN, revents: 0 }], IDLE_WAIT);
    await Bun.sleep(proxy.busy ? BUSY_WAIT : 0);
  }
  return undefined;
}
