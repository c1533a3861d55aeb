import { existsSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import { isAlive, isSameProcess } from "../../monitor/process-identity.ts";
import { isUnwatched } from "../lifecycle/unwatched.ts";
import type { LogLine, LogOptions } from "../options.ts";
import { followJournal } from "./journald.ts";
import { followFile } from "./k8s-file.ts";

/**
 * The lines that a container has written, oldest first; with `follow` it goes on until the container has ended. Only what the log driver keeps
 * can be read: unsupported for `none` and `passthrough`, and, as the original has it, to follow a journal that has no events.
 */
export async function* readLogs(
  engine: Pick<Engine, "state" | "events" | "paths">,
  reference: string,
  options: LogOptions = {},
): AsyncGenerator<LogLine> {
  const { config } = resolveContainer(engine, reference);
  const { driver } = config.log;
  if (driver !== "k8s-file" && driver !== "json-file" && driver !== "journald") {
    const shown = driver === "passthrough-tty" ? "passthrough" : driver;
    throw new ToolError(
      "unsupported",
      `this container is using the '${shown}' log driver, cannot read logs: this container is not logging output`,
    );
  }
  if (driver === "journald" && options.follow === true && engine.events.backend !== "journald")
    throw new ToolError(
      "unsupported",
      `using --follow with the journald --log-driver but without the journald --events-backend (${engine.events.backend}) is not supported`,
    );
  const follow = {
    tail: options.tail === undefined || options.tail < 0 ? undefined : options.tail,
    follow: options.follow === true,
    isEnded: () => hasEnded(engine, config.id) || (options.until !== undefined && Date.now() > options.until),
    signal: options.signal,
  };
  const lines = driver === "journald" ? followJournal(config.id, follow) : followFile(config.log.path, follow);
  for await (const line of lines) {
    const at = Date.parse(line.time);
    if (options.since !== undefined && at < options.since) continue;
    if (options.until !== undefined && at > options.until) {
      if (options.follow === true) return;
      continue;
    }
    yield { ...line, containerId: config.id, containerName: config.name };
  }
}

function hasEnded(engine: Pick<Engine, "state" | "paths">, id: string): boolean {
  const container = engine.state.containers.get(id);
  if (container === undefined) return true;
  const { status, pid, pidStartTime, conmonPid } = container.state;
  if (status === "running" || status === "paused" || status === "stopping") {
    if (isSameProcess(pid, pidStartTime)) return isUnwatched(container.state);
    // The monitor writes what the container wrote last, and only then this file.
    return existsSync(`${engine.paths.exitsDir}/${id}`) || !isAlive(conmonPid);
  }
  // One that was made but not started may still begin to write.
  return status !== "created" && status !== "configured";
}
