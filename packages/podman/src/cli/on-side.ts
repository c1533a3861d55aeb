import type { Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine, EngineGlobals } from "../engine/engine.ts";
import { openEngine } from "../engine/open-engine.ts";
import type { Service } from "../remote/service.ts";

/** The two ways of doing one deed; both give the same report, and the command prints it. */
export interface Ways<T> {
  /** On this machine's engine. */
  local(engine: Engine): T | Promise<T>;
  /** Through a service; loads what it needs by itself, so that local commands do not. */
  remote(service: Service): T | Promise<T>;
}

/** Does the deed where the command line wants it done. */
export async function onSide<T, V>(invocation: Invocation<V>, ways: Ways<T>): Promise<T> {
  if (!isRemote(invocation)) return ways.local(openEngine(invocation.globals as EngineGlobals));
  const { openService } = await import("../remote/open-service.ts");
  const service = await openService(invocation);
  try {
    return await ways.remote(service);
  } finally {
    service.close();
  }
}

/** Whether the command is for a service; the program has settled it before the command runs. */
export function isRemote<V>(invocation: Pick<Invocation<V>, "globals">): boolean {
  return invocation.globals["remote"] === true;
}

/** The engine of this machine, for a command that knows no other way. @throws ToolError unsupported when a service was asked for */
export function localEngine<V>(invocation: Pick<Invocation<V>, "globals" | "commandPath">): Engine {
  if (isRemote(invocation))
    throw new ToolError("unsupported", `cannot use command ${JSON.stringify(invocation.commandPath)} with the remote podman client`);
  return openEngine(invocation.globals as EngineGlobals);
}
