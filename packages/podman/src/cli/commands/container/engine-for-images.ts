import type { Invocation } from "@containers/common/cli/define-command";
import type { Engine } from "../../../engine/engine.ts";
import { registryAccess } from "../image/with-images.ts";
import { engineFor } from "./targets.ts";

/** The engine with the command's registry flags (`--tls-verify`, `--authfile`, …) in its image port. */
export function engineForImages<V>(invocation: Invocation<V>): Engine {
  const engine = engineFor(invocation);
  const access = registryAccess(invocation);
  if (Object.keys(access).length === 0) return engine;
  // The other ports stay lazy: they are reached through the prototype.
  return Object.create(engine, {
    images: { get: () => ({ ...engine.images, registry: { ...engine.images.registry, ...access } }) },
  }) as Engine;
}
