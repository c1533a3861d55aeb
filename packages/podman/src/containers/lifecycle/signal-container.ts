import { errnoCode } from "@containers/common/sys/sys-error";
import type { Engine } from "../../engine/engine.ts";
import { isSameProcess } from "../../monitor/process-identity.ts";
import type { Container } from "../config.ts";

/**
 * Sends a signal to the container's first process, through a descriptor of it, so that a pid which was taken over by another process
 * meanwhile is never hit. False when the process is gone.
 */
export async function signalContainer(engine: Pick<Engine, "sys">, { state }: Container, signal: number): Promise<boolean> {
  if (state.pid <= 0) return false;
  try {
    const pidfd = engine.sys.pidfdOpen(state.pid);
    try {
      if (!isSameProcess(state.pid, state.pidStartTime)) return false;
      engine.sys.pidfdSendSignal(pidfd, signal);
      return true;
    } finally {
      engine.sys.close(pidfd);
    }
  } catch (error) {
    if (errnoCode(error) === "ESRCH") return false;
    throw error;
  }
}
