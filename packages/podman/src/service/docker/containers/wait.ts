import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "@containers/common/errors/tool-error";
import { waitContainers } from "../../../containers/lifecycle/wait.ts";
import type { Engine } from "../../../engine/engine.ts";
import { HttpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import type { Handler } from "../../route.ts";

const CONDITIONS = ["", "not-running", "next-exit", "removed"];

/** `POST /containers/{name}/wait`. The headers go out at once: Docker's clients start the container only then. */
export const waitContainerRoute: Handler = (request) => {
  const { engine, signal } = request;
  const { condition = "not-running" } = readQuery(request, { condition: "string" });
  if (!CONDITIONS.includes(condition))
    throw new HttpError(400, `failed to parse query parameter 'condition': ${JSON.stringify(condition)}: not a valid docker condition`, {
      because: "not a valid docker condition",
    });
  const found = engine.state.containers.resolve(request.param("name"));
  if (found === undefined) throw new HttpError(404, "no such container");
  return { status: 200, headers: { "Content-Type": "application/json" }, body: answer(engine, { id: found.config.id, condition, signal }) };
};

interface Wait {
  readonly id: string;
  readonly condition: string;
  readonly signal: AbortSignal;
}

async function* answer(engine: Engine, wait: Wait): AsyncGenerator<string> {
  try {
    yield `${JSON.stringify({ StatusCode: await waitFor(engine, wait), Error: null })}\n`;
  } catch (error) {
    yield `${JSON.stringify({ StatusCode: -1, Error: { Message: describeError(error) } })}\n`;
  }
}

async function waitFor(engine: Engine, { id, condition, signal }: Wait): Promise<number> {
  if (condition === "next-exit") return nextExit(engine, id, signal);
  if (condition === "removed") return removal(engine, id, signal);
  const [report] = await waitContainers(engine, [id], {
    conditions: ["created", "configured", "initialized", "removing", "exited", "stopped"],
    signal,
  });
  if (report?.error !== undefined) throw report.error;
  return report?.exitCode ?? 0;
}

/** The end of the run that is under way, or of the next one. */
async function nextExit(engine: Engine, id: string, signal: AbortSignal): Promise<number> {
  const before = engine.state.containers.get(id)?.state.finishedAt;
  for (let pause = 2; !signal.aborted; pause = Math.min(pause * 2, 50)) {
    const container = engine.state.containers.get(id);
    if (container === undefined) return engine.state.exitCodes.get(id) ?? -1;
    if (container.state.finishedAt !== before && container.state.status !== "running") return container.state.exitCode;
    if (container.state.status === "running") {
      const [report] = await waitContainers(engine, [id], { conditions: ["exited", "stopped"], signal });
      if (report?.error === undefined) return report?.exitCode ?? -1;
      if (engine.state.containers.get(id) !== undefined) throw report.error;
    }
    await delay(pause);
  }
  return -1;
}

async function removal(engine: Engine, id: string, signal: AbortSignal): Promise<number> {
  let exitCode = 0;
  for (let pause = 2; !signal.aborted; pause = Math.min(pause * 2, 50)) {
    const container = engine.state.containers.get(id);
    if (container === undefined) return engine.state.exitCodes.get(id) ?? exitCode;
    exitCode = container.state.exitCode;
    await delay(pause);
  }
  return exitCode;
}
