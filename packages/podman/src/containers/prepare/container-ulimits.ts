import { ownCapabilities } from "@containers/common/security/own-capabilities";
import { settleUlimits, type Ulimit } from "@containers/common/spec-builder/ulimits";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";

/** The ulimits that a container has when it is started here and now; `onLowered` hears of the user's own that are higher than this process may set. */
export function containerUlimits(
  engine: Pick<Engine, "sys" | "rootless" | "defaults">,
  config: Pick<ContainerConfig, "resources">,
  onLowered: (limit: Ulimit, hard: number) => void = () => undefined,
): Ulimit[] {
  const { sys, rootless, defaults } = engine;
  const mayRaise = ownCapabilities().effective.includes("CAP_SYS_RESOURCE") && !rootless;
  return settleUlimits(sys, { user: config.resources.ulimits ?? [], configured: defaults.ulimits, mayRaise, rootless }, onLowered);
}
