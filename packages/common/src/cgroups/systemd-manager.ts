import { ToolError } from "../errors/tool-error.ts";
import { SOCK_STREAM } from "../sys/constants.ts";
import type { Sys } from "../sys/sys.ts";
import { methodCall } from "./dbus-message.ts";
import { DbusReader } from "./dbus-reader.ts";

/** A method of systemd's manager object (org.freedesktop.systemd1.Manager) and its arguments, already written. */
export interface ManagerCall {
  readonly member: string;
  readonly signature: string;
  readonly body: Uint8Array;
}

const METHOD_RETURN = 2;
const ERROR = 3;
const SIGNAL = 4;
/** Codes of header fields. */
const MEMBER = 3;
const ERROR_NAME = 4;

/** The socket on which systemd itself answers, without a bus between. */
export function managerSocket(rootless: boolean, runtimeDir: string | undefined): string | undefined {
  if (!rootless) return "/run/systemd/private";
  return runtimeDir === undefined ? undefined : `${runtimeDir}/systemd/private`;
}

/** A connection to systemd. Calls wait for their answers. */
export interface ManagerConnection {
  /**
   * The body of the answer; what `doing` says stands in the error.
   *
   * @throws unavailable when systemd does not answer or refuses; `code` is the error's name on the bus
   */
  call(call: ManagerCall, doing: string): Uint8Array;
  /** The body of the next signal of that name that `fits`, one that came meanwhile too. */
  waitForSignal(member: string, fits: (body: Uint8Array) => boolean): Uint8Array;
  close(): void;
}

/** Connects to the manager's own socket. */
export function openManager(sys: Sys, socket: string): ManagerConnection {
  const fd = sys.unixSocket(SOCK_STREAM);
  try {
    sys.connect(fd, socket);
    authenticate(sys, fd);
  } catch (error) {
    sys.close(fd);
    throw error;
  }
  const signals: Message[] = [];
  let serial = 0;
  return {
    call(call, doing) {
      serial += 1;
      const target = {
        destination: "org.freedesktop.systemd1",
        path: "/org/freedesktop/systemd1",
        interface: "org.freedesktop.systemd1.Manager",
      };
      send(sys, fd, methodCall({ ...target, ...call }, serial));
      return awaitAnswer(sys, fd, { signals, doing });
    },
    waitForSignal(member, fits) {
      for (;;) {
        const message = signals.shift() ?? readMessage(sys, fd);
        if (message.type === SIGNAL && message.member === member && fits(message.body)) return message.body;
      }
    },
    close: () => sys.close(fd),
  };
}

/** Calls systemd, method by method over one connection. */
export function callManager(sys: Sys, socket: string, request: { readonly calls: readonly ManagerCall[]; readonly doing: string }): void {
  const manager = openManager(sys, socket);
  try {
    for (const call of request.calls) manager.call(call, request.doing);
  } finally {
    manager.close();
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

interface Message {
  readonly type: number;
  readonly member: string;
  readonly errorName: string;
  readonly body: Uint8Array;
}

function awaitAnswer(sys: Sys, fd: number, { signals, doing }: { readonly signals: Message[]; readonly doing: string }): Uint8Array {
  for (;;) {
    const message = readMessage(sys, fd);
    if (message.type === METHOD_RETURN) return message.body;
    if (message.type === ERROR) {
      const name = message.errorName === "" ? "unknown error" : message.errorName;
      throw new ToolError("unavailable", `systemd refuses ${doing}: ${name}`, { code: name });
    }
    if (message.type === SIGNAL) signals.push(message);
  }
}

function readMessage(sys: Sys, fd: number): Message {
  const head = Buffer.from(receive(sys, fd, 16));
  const length = head.readUInt32LE(12);
  const fields = receive(sys, fd, Math.ceil(length / 8) * 8);
  const body = receive(sys, fd, head.readUInt32LE(4));
  const texts = headerTexts(fields.subarray(0, length));
  return { type: head[1] ?? 0, member: texts.get(MEMBER) ?? "", errorName: texts.get(ERROR_NAME) ?? "", body };
}

/** The fields of a header that are texts. */
function headerTexts(fields: Uint8Array): Map<number, string> {
  const texts = new Map<number, string>();
  const reader = new DbusReader(fields);
  while (!reader.atEnd()) {
    const code = reader.align(8).byte();
    const type = reader.signature();
    if (type === "u") reader.uint32();
    else texts.set(code, type === "g" ? reader.signature() : reader.string());
  }
  return texts;
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
