import { existsSync, readdirSync, rmdirSync } from "node:fs";
import type { Engine } from "../engine/engine.ts";
import type { PodRecord } from "./pod-record.ts";

/** Where a new pod's cgroup is; an ordinary user without systemd has none to make one in. */
export function podCgroup(
  engine: Pick<Engine, "cgroupManager" | "rootless">,
  id: string,
  asked: string | undefined,
): Pick<PodRecord, "cgroupParent" | "cgroupPath"> {
  if (engine.cgroupManager === "systemd") {
    const parent = asked || (engine.rootless ? "user.slice" : "machine.slice");
    const base = (parent.split("/").at(-1) ?? "").replace(/\.slice$/, "");
    return { cgroupParent: parent, cgroupPath: `${parent}/${base}-libpod_pod_${id}.slice` };
  }
  if (engine.rootless && !asked) return { cgroupParent: "", cgroupPath: "" };
  const parent = (asked || "/libpod_parent").replace(/\/$/, "");
  return { cgroupParent: parent, cgroupPath: `${parent}/${id}` };
}

/** Removes the pod's cgroup in every hierarchy, where nothing is left in it. Slices are systemd's to remove. */
export function removePodCgroup(pod: Pick<PodRecord, "cgroupPath">, root = "/sys/fs/cgroup"): void {
  if (pod.cgroupPath === "" || pod.cgroupPath.endsWith(".slice")) return;
  const roots = existsSync(`${root}/cgroup.controllers`) ? [root] : hierarchies(root);
  for (const hierarchy of roots) {
    const path = `${hierarchy}/${pod.cgroupPath.replace(/^\//, "")}`;
    // What is still in use stays: the kernel refuses.
    for (const directory of [...children(path), path]) tryRemove(directory);
  }
}

function hierarchies(root: string): string[] {
  return existsSync(root) ? readdirSync(root).map((name) => `${root}/${name}`) : [];
}

function children(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [`${path}/${entry.name}`] : []));
}

function tryRemove(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not there, or still in use.
  }
}
