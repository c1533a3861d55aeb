import { POLLOUT } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";

/** Writes everything, waiting where the other end is slow. A reader that has gone is no error: output then goes nowhere. */
export function writeFully(sys: Sys, fd: number, data: Uint8Array): void {
  for (let at = 0; at < data.length; ) {
    try {
      at += sys.write(fd, data, at, data.length - at);
    } catch (error) {
      const code = errnoCode(error);
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      sys.poll([{ fd, events: POLLOUT, revents: 0 }], -1);
    }
  }
}
