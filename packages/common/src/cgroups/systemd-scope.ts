import { ToolError } from "../errors/tool-error.ts";
import { SOCK_STREAM } from "../sys/constants.ts";
import type { Sys } from "../sys/sys.ts";
import { unifiedCgroupOf } from "./cgroup-layout.ts";
import { DbusWriter, methodCall } from "./dbus-message.ts";

export interface ScopeRequest {
  /** `NAME.scope`. */
  readonly unit: string;
  readonly slice: string;
  /** The process that the scope is made around. */
  readonly pid: number;
  /** The manager's own socket: the system's, or that of the user's manager. */
  readonly socket: string;
}

const METHOD_RETURN = 2;
const ERROR = 3;
const WAIT_MS = 1000;

/** The socket on which systemd itself answers, without a bus between. */
export function managerSocket(rootless: boolean, runtimeDir: string | undefined): string | undefined {
  if (!rootless) return "/run/systemd/private";
  return runtimeDir === undefined ? undefined : `${runtimeDir}/systemd/private`;
}

/**
 * Puts a process into a new transient scope of systemd's, so that it outlives the session or service that it was started from, and, rootless, so that
 * its cgroup is the user's own. Returns when it is there. Throws `unavailable` when systemd refuses.
 */
export function startScope(sys: Sys, request: ScopeRequest): void {
  const fd = sys.unixSocket(SOCK_STREAM);
  try {
    sys.connect(fd, request.socket);
    authenticate(sys, fd);
    send(sys, fd, methodCall(startTransientUnit(request), 1));
    expectReturn(sys, fd, request.unit);
  } finally {
    sys.close(fd);
  }
  // The answer names a job; it is done when the process has moved.
  for (let waited = 0; waited < WAIT_MS && unifiedCgroupOf(request.pid)?.endsWith(`/${request.unit}`) === false; waited += 1)
    Bun.sleepSync(1);
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

function startTransientUnit({ unit, slice, pid }: ScopeRequest) {
  const body = new DbusWriter().string(unit).string("fail");
  const property = (name: string, type: string, value: () => void): void => {
    body.align(8).string(name).signature(type);
    value();
  };
  body.array(8, () => {
    property("Slice", "s", () => body.string(slice));
    property("PIDs", "au", () => body.array(4, () => body.uint32(pid)));
    property("Delegate", "b", () => body.boolean(true));
    property("DefaultDependencies", "b", () => body.boolean(false));
  });
  body.array(8, () => undefined);
  return {
    destination: "org.freedesktop.systemd1",
    path: "/org/freedesktop/systemd1",
    interface: "org.freedesktop.systemd1.Manager",
    member: "StartTransientUnit",
    signature: "ssa(sv)a(sa(sv))",
    body: body.bytes(),
  };
}

function expectReturn(sys: Sys, fd: number, unit: string): void {
  for (;;) {
    const head = Buffer.from(receive(sys, fd, 16));
    const fields = Math.ceil(head.readUInt32LE(12) / 8) * 8;
    const rest = Buffer.from(receive(sys, fd, fields + head.readUInt32LE(4)));
    if (head[1] === METHOD_RETURN) return;
    if (head[1] === ERROR) {
      const name = /org\.freedesktop\.[A-Za-z0-9.]+/.exec(rest.toString("latin1"))?.[0] ?? "unknown error";
      throw new ToolError("unavailable", `systemd did not make ${unit}: ${name}`);
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
