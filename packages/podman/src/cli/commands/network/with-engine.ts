import type { Invocation } from "@containers/common/cli/define-command";
import type { Engine, EngineGlobals } from "../../../engine/engine.ts";
import { openEngine } from "../../../engine/open-engine.ts";

/** The engine as the command's global flags want it; its parts open when they are used. */
export function engineFor<V>(invocation: Invocation<V>): Engine {
  return openEngine(invocation.globals as EngineGlobals);
}
