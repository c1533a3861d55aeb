import type { ContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "./container-spec.ts";

/**
 * Refuses what a spec may ask for and this release does not do: an option that does nothing would be worse than one that is refused.
 *
 * @throws unsupported, naming the flag
 */
export function refuseUnsupported(spec: ContainerSpec, config: ContainersConf): void {
  const { network } = config;
  const asked = [
    !["", "netavark"].includes(network.networkBackend) && `containers.conf's network_backend ${JSON.stringify(network.networkBackend)}`,
    spec.resources.cgroups !== undefined &&
      !["enabled", "disabled", "no-conmon", "split"].includes(spec.resources.cgroups) &&
      `--cgroups=${spec.resources.cgroups}`,
    spec.volumes?.some((volume) => volume.type === "image" && volume.subpath !== undefined && volume.readWrite) === true &&
      "a subpath of an image mount that can be written",
  ].find((name) => name !== false);
  if (asked !== undefined) throw new ToolError("unsupported", `${asked} is not supported yet`);
}
