import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { containerEvent } from "../container-event.ts";
import { cleanupLocked } from "../lifecycle/cleanup.ts";
import { refreshLocked } from "../lifecycle/refresh.ts";
import { waitForExit } from "../lifecycle/run.ts";
import { signalContainer } from "../lifecycle/signal-container.ts";
import { may } from "../lifecycle/transitions.ts";
import type { AttachStreams } from "../options.ts";
import { openAttachSession } from "./attach-session.ts";
import { parseDetachKeys } from "./detach-keys.ts";

/** Joins this process's streams to a running container until it ends (its exit code) or the user detaches (undefined). */
export async function attachContainer(engine: Engine, reference: string, streams: AttachStreams): Promise<number | undefined> {
  const { config } = resolveContainer(engine, reference);
  const container = await withContainerLock(engine, config.id, (stale) => refreshLocked(engine, stale));
  const doing = `attaching to container ${config.id}`;
  if (!may("attach", container.state.status))
    throw new ToolError("invalid-state", `${doing}: you can only attach to running containers`, { code: "cannot-attach" });
  requireKeys(doing, streams.detachKeys ?? engine.defaults.detachKeys);
  if (config.log.driver.startsWith("passthrough")) {
    const reason = "this container is using the 'passthrough' log driver, cannot attach: this container is not logging output";
    throw new ToolError("unsupported", `${doing}: ${reason}`);
  }
  const session = await openAttachSession(engine.sys, config.staticDir, {
    streams: { ...streams, stdin: streams.stdin && config.stdin },
    tty: config.tty,
    detachKeys: engine.defaults.detachKeys,
    deliver: (signal) => void signalContainer(engine, container, signal),
  });
  engine.events.write(containerEvent(config, "attach"));
  if ((await session.run()) === "detached") return undefined;
  const exitCode = await waitForExit(engine, container);
  try {
    await withContainerLock(engine, config.id, (current) => cleanupLocked(engine, current, {}));
  } catch (error) {
    if (!isErrorOfKind(error, "not-found")) throw error;
  }
  return exitCode;
}

function requireKeys(doing: string, keys: string): void {
  try {
    parseDetachKeys(keys);
  } catch (error) {
    throw new ToolError("invalid-argument", `${doing}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
