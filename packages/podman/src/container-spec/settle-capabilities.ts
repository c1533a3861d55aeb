import { mergeCapabilities } from "@containers/common/security/capabilities";
import type { ContainerSpec } from "./container-spec.ts";
import type { SettleContext } from "./settle-context.ts";

/** What the container may hold: everything that this process may give for privileged ones, else the defaults with the user's changes. */
export function settleCapabilities(spec: ContainerSpec, context: SettleContext): string[] {
  const available = context.availableCapabilities;
  const { privileged = context.defaults.privileged, capAdd = [], capDrop = [] } = spec.security;
  if (privileged) return mergeCapabilities(available, { add: [], drop: capDrop, available });
  // A runtime cannot give what this process lacks: dropping it here lets the container run with what there is.
  return mergeCapabilities(context.defaults.capabilities, { add: capAdd, drop: capDrop, available }).filter((name) =>
    available.includes(name),
  );
}
