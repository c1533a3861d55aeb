import { ONLCR, POLLIN, SOCK_STREAM } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { type Diagnostics, MonitorError, reason } from "./diagnostics.ts";
import { removeIfThere } from "./files.ts";
import type { PollLoop } from "./poll-loop.ts";

/** Where the runtime sends the master side of the container's terminal. */
export interface ConsoleSocket {
  readonly path: string;
  readonly descriptor: number;
}

/** A listening socket under a fresh name that only we may enter. */
export function openConsoleSocket(sys: MonitorSys): ConsoleSocket {
  const random = Math.floor(Math.random() * 36 ** 6)
    .toString(36)
    .padStart(6, "0");
  const path = `${process.env.TMPDIR || "/tmp"}/conmon-term.${process.pid.toString(36)}${random}`;
  const descriptor = sys.unixSocket(SOCK_STREAM);
  const mask = sys.umask(0o077);
  try {
    sys.bind(descriptor, path);
  } finally {
    sys.umask(mask);
  }
  sys.listen(descriptor, 128);
  return { path, descriptor };
}

/** Waits in the loop for the runtime; `onTerminal` gets the master, which is then the caller's. The socket is removed. */
export function acceptTerminal(
  ports: { sys: MonitorSys; loop: PollLoop; diagnostics: Diagnostics },
  socket: ConsoleSocket,
  onTerminal: (master: number) => void,
): void {
  const { sys, loop, diagnostics } = ports;
  const watch = loop.add(socket.descriptor, POLLIN, () => {
    const connection = sys.accept(socket.descriptor);
    if (connection === undefined) return;
    loop.remove(watch);
    sys.close(socket.descriptor);
    removeConsoleSocket(sys, socket);
    const master = sys.receiveDescriptors(connection, 1)[0];
    sys.close(connection);
    if (master === undefined) throw new MonitorError("Failed to receive console file descriptor");
    try {
      sys.changeOutputFlags(master, ONLCR, 0);
    } catch (error) {
      diagnostics.warn(`Failed to set console terminal settings: ${reason(error)}`);
    }
    sys.setNonBlocking(master, true);
    onTerminal(master);
  });
}

export function removeConsoleSocket(sys: MonitorSys, socket: ConsoleSocket): void {
  removeIfThere(sys, socket.path);
}
