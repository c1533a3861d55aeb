import { removeCgroup } from "@containers/common/cgroups/remove-cgroup";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../engine/engine.ts";
import type { PodRecord } from "./pod-record.ts";

const NO_SLICE = "did not receive systemd slice as cgroup parent when using systemd to manage cgroups: invalid argument";

/** Where a new pod's cgroup is; an ordinary user without systemd has none to make one in. */
export function podCgroup(
  engine: Pick<Engine, "cgroupManager" | "rootless">,
  id: string,
  asked: string | undefined,
): Pick<PodRecord, "cgroupParent" | "cgroupPath"> {
  if (engine.cgroupManager === "systemd") {
    const parent = asked || (engine.rootless ? "user.slice" : "machine.slice");
    const base = (parent.split("/").at(-1) ?? "").replace(/\.slice$/, "");
    if (!parent.endsWith(".slice")) throw new ToolError("invalid-argument", NO_SLICE);
    return { cgroupParent: parent, cgroupPath: `${parent}/${base}-libpod_pod_${id}.slice` };
  }
  if (engine.rootless && !asked) return { cgroupParent: "", cgroupPath: "" };
  if (asked?.endsWith(".slice") === true)
    throw new ToolError("invalid-argument", "systemd slice received as cgroup parent when using cgroupfs: invalid argument");
  const parent = (asked || "/libpod_parent").replace(/\/$/, "");
  return { cgroupParent: parent, cgroupPath: `${parent}/${id}` };
}

/** Removes the pod's cgroup in every hierarchy, where nothing is left in it. Slices are systemd's to remove. */
export async function removePodCgroup(pod: Pick<PodRecord, "cgroupPath">): Promise<void> {
  if (pod.cgroupPath === "" || pod.cgroupPath.endsWith(".slice")) return;
  await removeCgroup(pod.cgroupPath);
}
