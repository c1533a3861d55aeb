import type { Invocation } from "@containers/common/cli/define-command";
import type { Engine } from "../../../engine/engine.ts";

/**
 * The engine as the command's global flags want it; its parts open when they are used. Loaded only now: an ordinary user's
 * process loads the command once more after it has entered its user namespace, and the first one needs no engine.
 */
export async function engineFor<V>(invocation: Invocation<V>): Promise<Engine> {
  const { localEngine } = await import("../../on-side.ts");
  return localEngine(invocation);
}
