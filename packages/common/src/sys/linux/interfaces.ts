import { closeSync } from "node:fs";
import { SOCK_DGRAM } from "../constants.ts";
import type { InterfaceSys } from "../sys.ts";
import { check, lazyLibc, prepareErrno } from "./binding.ts";

const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const AF_UNIX = 1;
/** struct ifreq: name[16], then a union whose first two bytes are the flags here. */
const IFREQ_SIZE = 40;
const IFREQ_FLAGS = 16;

const libc = lazyLibc({
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
});

/** Network interfaces of the namespace that the calling thread is in. */
export function interfaceSys(): InterfaceSys {
  prepareErrno();
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
        closeSync(fd);
      }
    },
  };
}
