import { FFIType } from "bun:ffi";
import { sysError } from "../errno.ts";
import type { PollEntry, SocketSys } from "../sys.ts";
import { address, check, EAGAIN, EINTR, errno, keepAlive, lazyLibc, placeIn, retry } from "./binding.ts";

const AF_UNIX = 1;
const SOCK_CLOEXEC = 0o2000000;
const SUN_PATH_SIZE = 108;
const ENAMETOOLONG = 36;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;
const MSG_CMSG_CLOEXEC = 0x40000000;
/** struct cmsghdr: length, level, type; the data follows. */
const CMSG_HEADER = 16;
const POLLFD_SIZE = 8;

const libc = lazyLibc({
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  listen: { args: ["i32", "i32"], returns: "i32" },
  accept4: { args: ["i32", "ptr", "ptr", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  getpeername: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  shutdown: { args: ["i32", "i32"], returns: "i32" },
  send: { args: ["i32", "ptr", "u64", "i32"], returns: FFIType.i64_fast },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: FFIType.i64_fast },
  sendmsg: { args: ["i32", "ptr", "i32"], returns: "i64" },
  recvmsg: { args: ["i32", "ptr", "i32"], returns: "i64" },
  poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
});

/** Local sockets, passing of descriptors, and poll. */
export function socketSys(): SocketSys {
  return { ...connectionCalls(), ...transferCalls(), sendDescriptors, receiveDescriptors, poll: pollCall() };
}

function connectionCalls() {
  return {
    unixSocket: (type: number) => check(libc().socket(AF_UNIX, type | SOCK_CLOEXEC, 0), "socket"),
    bind(fd: number, path: string) {
      const name = unixAddress(path, "bind");
      check(libc().bind(fd, name, name.length), "bind", path);
    },
    listen: (fd: number, backlog: number) => void check(libc().listen(fd, backlog), "listen", `fd ${fd}`),
    accept(fd: number) {
      for (;;) {
        const client = libc().accept4(fd, null, null, SOCK_CLOEXEC);
        if (client >= 0) return client;
        const failure = errno();
        if (failure === EAGAIN) return undefined;
        if (failure !== EINTR) throw sysError(failure, "accept4", `fd ${fd}`);
      }
    },
    connect(fd: number, path: string) {
      const name = unixAddress(path, "connect");
      retry(() => libc().connect(fd, name, name.length), "connect", path);
    },
    peerName(fd: number) {
      const record = Buffer.alloc(2 + SUN_PATH_SIZE);
      const length = Int32Array.of(record.length);
      check(libc().getpeername(fd, record, length), "getpeername", `fd ${fd}`);
      return record.toString("utf8", 2, Math.min(length[0] ?? 0, record.length));
    },
    shutdown: (fd: number, how: number) => void check(libc().shutdown(fd, how), "shutdown", `fd ${fd}`),
  };
}

function transferCalls() {
  return {
    send(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number) {
      const place = placeIn(buffer, offset, length);
      for (;;) {
        const sent = Number(libc().send(fd, place, length, flags | MSG_NOSIGNAL));
        if (sent >= 0) return sent;
        if (isBlocked("send", fd)) return -1;
      }
    },
    recv(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number) {
      const place = placeIn(buffer, offset, length);
      for (;;) {
        const taken = Number(libc().recv(fd, place, length, flags));
        if (taken >= 0) return taken;
        if (isBlocked("recv", fd)) return -1;
      }
    },
  };
}

/** After a failure: whether it would have blocked; false when it is to be made again. Throws for every other reason. */
function isBlocked(syscall: string, fd: number): boolean {
  const failure = errno();
  if (failure === EAGAIN || failure === EINTR) return failure === EAGAIN;
  throw sysError(failure, syscall, `fd ${fd}`);
}

/** struct sockaddr_un; an abstract name (leading NUL) has no terminator, its length is part of it. */
function unixAddress(path: string, syscall: string): Uint8Array {
  const name = Buffer.from(path);
  const abstract = name[0] === 0;
  if (name.length + (abstract ? 0 : 1) > SUN_PATH_SIZE) throw sysError(ENAMETOOLONG, syscall, path);
  const record = Buffer.alloc(2 + name.length + (abstract ? 0 : 1));
  record.writeUInt16LE(AF_UNIX, 0);
  record.set(name, 2);
  return record;
}

function sendDescriptors(fd: number, descriptors: readonly number[], payload?: Uint8Array): void {
  const message = descriptorMessage(descriptors.length, payload);
  message.control.writeBigUInt64LE(BigInt(CMSG_HEADER + descriptors.length * 4), 0);
  message.control.writeInt32LE(SOL_SOCKET, 8);
  message.control.writeInt32LE(SCM_RIGHTS, 12);
  for (const [index, descriptor] of descriptors.entries()) message.control.writeInt32LE(descriptor, CMSG_HEADER + index * 4);
  retry(() => libc().sendmsg(fd, message.header, MSG_NOSIGNAL), "sendmsg", `fd ${fd}`);
  keepAlive(message);
}

function receiveDescriptors(fd: number, maximum: number, payload?: Uint8Array): number[] {
  const message = descriptorMessage(maximum, payload);
  retry(() => libc().recvmsg(fd, message.header, MSG_CMSG_CLOEXEC), "recvmsg", `fd ${fd}`);
  const controlLength = Number(message.header.readBigUInt64LE(40));
  const found: number[] = [];
  let at = 0;
  while (at + CMSG_HEADER <= controlLength) {
    const length = Number(message.control.readBigUInt64LE(at));
    const rights = message.control.readInt32LE(at + 8) === SOL_SOCKET && message.control.readInt32LE(at + 12) === SCM_RIGHTS;
    for (let data = at + CMSG_HEADER; rights && data + 4 <= at + length; data += 4) found.push(message.control.readInt32LE(data));
    at += Math.max(CMSG_HEADER, Math.ceil(length / 8) * 8);
  }
  keepAlive(message);
  return found;
}

/** struct msghdr around the payload and room for `count` descriptors. */
function descriptorMessage(count: number, payload: Uint8Array = Buffer.alloc(1)) {
  // the runtimes send a name with the terminal; only its first byte is wanted then, the rest of the packet may be cut
  const vector = BigUint64Array.of(address(payload), BigInt(payload.length));
  const control = Buffer.alloc(CMSG_HEADER + Math.max(8, Math.ceil((count * 4) / 8) * 8));
  const header = Buffer.alloc(56);
  header.writeBigUInt64LE(address(vector), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(address(control), 32);
  header.writeBigUInt64LE(BigInt(control.length), 40);
  return { header, vector, control, payload };
}

/** poll(2) on one buffer that grows and is used again: a monitor calls this for every piece of output. */
function pollCall(): SocketSys["poll"] {
  const scratch = { records: Buffer.alloc(16 * POLLFD_SIZE) };
  return (entries, timeoutMs) => {
    if (scratch.records.length < entries.length * POLLFD_SIZE) scratch.records = Buffer.alloc(entries.length * 2 * POLLFD_SIZE);
    const deadline = timeoutMs < 0 ? 0 : performance.now() + timeoutMs;
    writeEntries(scratch.records, entries);
    for (let wait = timeoutMs; ; wait = timeoutMs < 0 ? -1 : Math.max(0, Math.ceil(deadline - performance.now()))) {
      const ready = libc().poll(scratch.records, entries.length, wait);
      if (ready >= 0) return readEntries(scratch.records, entries, ready);
      if (errno() !== EINTR) throw sysError(errno(), "poll");
    }
  };
}

function writeEntries(records: Buffer, entries: readonly PollEntry[]): void {
  let at = 0;
  for (const entry of entries) {
    records.writeInt32LE(entry.fd, at);
    records.writeInt32LE(entry.events & 0xffff, at + 4);
    at += POLLFD_SIZE;
  }
}

function readEntries(records: Buffer, entries: readonly PollEntry[], ready: number): number {
  let at = 6;
  for (const entry of entries) {
    entry.revents = records.readUInt16LE(at);
    at += POLLFD_SIZE;
  }
  return ready;
}
