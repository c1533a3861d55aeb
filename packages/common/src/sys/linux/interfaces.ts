import { SOCK_DGRAM, SOCK_STREAM } from "../constants.ts";
import { sysError } from "../errno.ts";
import type { InterfaceSys } from "../sys.ts";
import { check, cstring, lazyLibc } from "./binding.ts";

const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const AF_UNIX = 1;
const EINVAL = 22;
/** struct ifreq: name[16], then a union whose first two bytes are the flags here. */
const IFREQ_SIZE = 40;
const IFREQ_FLAGS = 16;

const AF_INET = 2;
const AF_INET6 = 10;
const IPPROTO_SCTP = 132;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SOCK_CLOEXEC = 0o2000000;
/** sizeof struct sockaddr_in and sockaddr_in6: family, port, then the address, for version 6 after 4 bytes of flow information. */
const SOCKADDR_IN = 16;
const SOCKADDR_IN6 = 28;

const libc = lazyLibc({
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  listen: { args: ["i32", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  inet_pton: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
});

/** Network interfaces of the namespace that the calling thread is in. */
export function interfaceSys(): InterfaceSys {
  return {
    setInterfaceUp(name) {
      const request = Buffer.alloc(IFREQ_SIZE);
      request.write(name, 0, IFREQ_FLAGS - 1, "latin1");
      // Any socket will do: these requests are the device layer's, and AF_UNIX needs no protocol module.
      const fd = check(libc().socket(AF_UNIX, SOCK_DGRAM, 0), "socket");
      try {
        check(libc().ioctl(fd, SIOCGIFFLAGS, request), "ioctl(SIOCGIFFLAGS)", name);
        request.writeUInt16LE(request.readUInt16LE(IFREQ_FLAGS) | IFF_UP, IFREQ_FLAGS);
        check(libc().ioctl(fd, SIOCSIFFLAGS, request), "ioctl(SIOCSIFFLAGS)", name);
      } finally {
        libc().close(fd);
      }
    },
    bindPort,
  };
}

function bindPort(protocol: "tcp" | "udp" | "sctp", address: string, port: number): number {
  const family = address.includes(":") ? AF_INET6 : AF_INET;
  const type = (protocol === "udp" ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC;
  const fd = check(libc().socket(family, type, protocol === "sctp" ? IPPROTO_SCTP : 0), "socket", protocol);
  try {
    const on = Int32Array.of(1);
    if (protocol !== "udp") check(libc().setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, 4), "setsockopt");
    if (family === AF_INET6) check(libc().setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, on, 4), "setsockopt");
    const name = socketAddress(family, address, port);
    check(libc().bind(fd, name, name.length), "bind", `${address} port ${port}`);
    if (protocol !== "udp") check(libc().listen(fd, 1), "listen", `${address} port ${port}`);
    return fd;
  } catch (error) {
    libc().close(fd);
    throw error;
  }
}

function socketAddress(family: number, address: string, port: number): Buffer {
  const name = Buffer.alloc(family === AF_INET6 ? SOCKADDR_IN6 : SOCKADDR_IN);
  name.writeUInt16LE(family, 0);
  name.writeUInt16BE(port, 2);
  const ip = name.subarray(family === AF_INET6 ? 8 : 4);
  if (libc().inet_pton(family, cstring(address, "bind"), ip) !== 1) throw sysError(EINVAL, "bind", address);
  return name;
}
