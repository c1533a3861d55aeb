import { rmSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { readExitFile } from "../../monitor/exit-file.ts";
import type { Container } from "../config.ts";
import { containerEvent } from "../container-event.ts";

/** What the monitor of an exec session starts when the session's process has ended. */
export async function cleanUpExec(engine: Pick<Engine, "state" | "paths" | "events">, sessionId: string): Promise<void> {
  const session = engine.state.execSessions.get(sessionId);
  if (session === undefined) return;
  const container = engine.state.containers.get(session.containerId);
  engine.state.execSessions.remove(sessionId);
  if (container === undefined) return;
  const exitCode = readExitFile(`${container.config.staticDir}/${sessionId}/exit`, sessionId)?.exitCode ?? 0;
  engine.events.write(containerEvent(container.config, "exec_died", { containerExitCode: exitCode, podId: undefined }));
  rmSync(`${container.config.staticDir}/${sessionId}`, { recursive: true, force: true });
}

/** Drops sessions of a run that is over, whose monitors or podmans were killed before they could. The caller holds the container's lock. */
export function forgetSessionsOf(engine: Pick<Engine, "state">, { config }: Container): void {
  for (const { id } of engine.state.execSessions.ofContainer(config.id)) {
    engine.state.execSessions.remove(id);
    rmSync(`${config.staticDir}/${id}`, { recursive: true, force: true });
  }
}
