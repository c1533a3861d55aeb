import { ToolError } from "../errors/tool-error.ts";
import { SOCK_STREAM } from "../sys/constants.ts";
import type { Sys } from "../sys/sys.ts";
import { methodCall } from "./dbus-message.ts";

/** A method of systemd's manager object (org.freedesktop.systemd1.Manager) and its arguments, already written. */
export interface ManagerCall {
  readonly member: string;
  readonly signature: string;
  readonly body: Uint8Array;
}

const METHOD_RETURN = 2;
const ERROR = 3;

/** The socket on which systemd itself answers, without a bus between. */
export function managerSocket(rootless: boolean, runtimeDir: string | undefined): string | undefined {
  if (!rootless) return "/run/systemd/private";
  return runtimeDir === undefined ? undefined : `${runtimeDir}/systemd/private`;
}

/**
 * Calls systemd, method by method over one connection, and waits for each answer; what `doing` says stands in the error.
 *
 * @throws unavailable when it does not answer or refuses; `code` is the error's name on the bus
 */
export function callManager(sys: Sys, socket: string, request: { readonly calls: readonly ManagerCall[]; readonly doing: string }): void {
  const fd = sys.unixSocket(SOCK_STREAM);
  try {
    sys.connect(fd, socket);
    authenticate(sys, fd);
    for (const [index, call] of request.calls.entries()) {
      const target = {
        destination: "org.freedesktop.systemd1",
        path: "/org/freedesktop/systemd1",
        interface: "org.freedesktop.systemd1.Manager",
      };
      send(sys, fd, methodCall({ ...target, ...call }, index + 1));
      expectReturn(sys, fd, request.doing);
    }
  } finally {
    sys.close(fd);
  }
}

/** The identity is what the kernel says of this end of the socket: nothing is claimed. */
function authenticate(sys: Sys, fd: number): void {
  send(sys, fd, Buffer.from("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"));
  let answer = "";
  while (!/^(OK|REJECTED|ERROR)[^\n]*\r\n/m.test(answer)) {
    const part = receive(sys, fd, 1);
    answer += Buffer.from(part).toString("latin1");
  }
  if (!/^OK/m.test(answer)) throw new ToolError("unavailable", "systemd did not accept the connection");
}

function expectReturn(sys: Sys, fd: number, doing: string): void {
  for (;;) {
    const head = Buffer.from(receive(sys, fd, 16));
    const fields = Math.ceil(head.readUInt32LE(12) / 8) * 8;
    const rest = Buffer.from(receive(sys, fd, fields + head.readUInt32LE(4)));
    if (head[1] === METHOD_RETURN) return;
    if (head[1] === ERROR) {
      const name = /org\.freedesktop\.[A-Za-z0-9.]+/.exec(rest.toString("latin1"))?.[0] ?? "unknown error";
      throw new ToolError("unavailable", `systemd refuses ${doing}: ${name}`, { code: name });
    }
  }
}

function send(sys: Sys, fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += sys.write(fd, bytes, at, bytes.length - at);
}

function receive(sys: Sys, fd: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = sys.read(fd, bytes, at, length - at);
    if (count <= 0) throw new ToolError("unavailable", "systemd closed the connection");
    at += count;
  }
  return bytes;
}
