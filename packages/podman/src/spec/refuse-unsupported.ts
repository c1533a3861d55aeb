import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "./container-spec.ts";

/**
 * Refuses what a spec may ask for and this release does not do: an option that does nothing would be worse than one that is refused.
 *
 * @throws unsupported, naming the flag
 */
export function refuseUnsupported(spec: ContainerSpec): void {
  const asked = [
    (spec.storageOptions?.length ?? 0) > 0 && "--storage-opt",
    (spec.hostUsers?.length ?? 0) > 0 && "--hostuser",
    spec.sdnotify !== undefined && spec.sdnotify !== "container" && spec.sdnotify !== "ignore" && `--sdnotify=${spec.sdnotify}`,
    spec.resources.cgroups !== undefined &&
      !["enabled", "no-conmon"].includes(spec.resources.cgroups) &&
      `--cgroups=${spec.resources.cgroups}`,
    spec.systemd === "always" && "--systemd=always",
    spec.health?.test !== undefined && spec.health.test[0] !== "NONE" && "--health-cmd",
    spec.groupAdd?.includes("keep-groups") === true && "--group-add keep-groups",
    spec.volumes?.some((volume) => "options" in volume && volume.options.includes("O")) === true && "overlay volumes (:O)",
  ].find((name) => name !== false);
  if (asked !== undefined) throw new ToolError("unsupported", `${asked} is not supported yet`);
}
