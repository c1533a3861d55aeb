import { SOCK_DGRAM } from "@containers/common/sys/constants";
import type { Engine } from "../engine/engine.ts";

/** Tells systemd, where it started this, that the service is ready and that its main process is the service container's monitor. */
export function notifyMainPid({ sys, state }: Pick<Engine, "sys" | "state">, serviceContainerId: string): void {
  const path = process.env["NOTIFY_SOCKET"] ?? "";
  const pid = state.containers.get(serviceContainerId)?.state.conmonPid ?? 0;
  if (path === "" || pid <= 0) return;
  const fd = sys.unixSocket(SOCK_DGRAM);
  try {
    sys.connect(fd, path.replace(/^@/, "\0"));
    const message = Buffer.from(`MAINPID=${pid}\nREADY=1`);
    sys.send(fd, message, 0, message.length, 0);
  } finally {
    sys.close(fd);
  }
}
