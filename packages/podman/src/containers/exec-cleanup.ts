import { rmSync } from "node:fs";
import type { Engine } from "../engine/engine.ts";

/** What the monitor of an exec session starts when the session's process has ended. */
export async function cleanUpExec(engine: Pick<Engine, "state">, sessionId: string): Promise<void> {
  const session = engine.state.execSessions.get(sessionId);
  if (session === undefined) return;
  const container = engine.state.containers.get(session.containerId);
  engine.state.execSessions.remove(sessionId);
  if (container !== undefined) rmSync(`${container.config.staticDir}/${sessionId}`, { recursive: true, force: true });
}
