import { MSG_DONTWAIT, POLLIN, SOCK_DGRAM, SOCK_NONBLOCK } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { bindInBundle } from "./attach/socket.ts";
import { type Diagnostics, reason } from "./diagnostics.ts";
import type { MonitorOptions } from "./options.ts";
import type { PollLoop } from "./poll-loop.ts";

const LINES: ReadonlySet<string> = new Set(["READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1", "WATCHDOG=trigger"]);
const PREFIXES = ["STATUS=", "ERRNO=", "BUSERROR=", "MONOTONIC_USEC="];
const LARGEST_MESSAGE = 32768;

/** Relays what the container tells systemd, as far as it is harmless, from a socket in the bundle to the host's. */
export function proxyNotifications(
  ports: { sys: MonitorSys; loop: PollLoop; diagnostics: Diagnostics },
  options: MonitorOptions,
  hostSocket: string,
): void {
  const { sys, loop, diagnostics } = ports;
  const inner = bindInBundle(sys, options, { name: "notify/notify.sock", type: SOCK_DGRAM, mode: 0o777, fullPath: true }).descriptor;
  const outer = sys.unixSocket(SOCK_DGRAM | SOCK_NONBLOCK);
  const buffer = Buffer.alloc(LARGEST_MESSAGE);
  // systemd writes an abstract address with an @
  const address = hostSocket.startsWith("@") ? `\0${hostSocket.slice(1)}` : hostSocket;
  loop.add(inner, POLLIN, () => {
    const length = sys.recv(inner, buffer, 0, buffer.length, MSG_DONTWAIT);
    const message = Buffer.from(allowedLines(buffer.toString("utf8", 0, Math.max(0, length))));
    if (message.length === 0) return;
    try {
      sys.connect(outer, address);
      sys.send(outer, message, 0, message.length, MSG_DONTWAIT);
    } catch (error) {
      diagnostics.warn(`Failed to write to the host notify socket: ${reason(error)}`);
    }
  });
}

/** The lines that a container may pass on: state, never MAINPID or file descriptors. */
export function allowedLines(message: string): string {
  return message
    .split(/[\n\r]/)
    .filter((line) => LINES.has(line) || PREFIXES.some((prefix) => line.startsWith(prefix)))
    .join("\n");
}
