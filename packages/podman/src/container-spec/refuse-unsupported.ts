import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "./container-spec.ts";

/**
 * Refuses what a spec may ask for and this release does not do: an option that does nothing would be worse than one that is refused.
 *
 * @throws unsupported, naming the flag
 */
export function refuseUnsupported(spec: ContainerSpec): void {
  const asked = [
    spec.resources.cgroups !== undefined &&
      !["enabled", "disabled", "no-conmon", "split"].includes(spec.resources.cgroups) &&
      `--cgroups=${spec.resources.cgroups}`,
  ].find((name) => name !== false);
  if (asked !== undefined) throw new ToolError("unsupported", `${asked} is not supported yet`);
}
