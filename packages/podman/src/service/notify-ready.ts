import { SOCK_DGRAM } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/** Tells systemd that the service answers, and hides from containers that it was systemd who started this. */
export function notifyReady(sys: Pick<Sys, "unixSocket" | "connect" | "send" | "close">): void {
  const path = process.env.NOTIFY_SOCKET;
  delete process.env.NOTIFY_SOCKET;
  delete process.env.INVOCATION_ID;
  if (path === undefined || path === "") return;
  const fd = sys.unixSocket(SOCK_DGRAM);
  try {
    sys.connect(fd, path.replace(/^@/, "\0"));
    const message = Buffer.from(`MAINPID=${process.pid}\nREADY=1`);
    sys.send(fd, message, 0, message.length, 0);
  } finally {
    sys.close(fd);
  }
}
