import type { ContainerConfig } from "../config.ts";
import { splitCgroupPath } from "./split-cgroup.ts";

/** `linux.cgroupsPath`: a path for the cgroupfs manager, `slice:prefix:name` for systemd's; undefined: the runtime's own choice. */
export function cgroupsPath(config: ContainerConfig, rootless: boolean): string | undefined {
  const { cgroups } = config.resources;
  if (cgroups === "disabled") return undefined;
  if (cgroups === "split") return splitCgroupPath(config.id);
  if (config.cgroupManager === "systemd") {
    const slice = config.cgroupParent === "" ? (rootless ? "user.slice" : "machine.slice") : (config.cgroupParent.split("/").at(-1) ?? "");
    return `${slice}:libpod:${config.id}`;
  }
  // Without a manager that hands one out, an ordinary user has no cgroup to make another one in.
  if (rootless && config.cgroupParent === "") return undefined;
  return `${config.cgroupParent === "" ? "/libpod_parent" : config.cgroupParent.replace(/\/$/, "")}/libpod-${config.id}`;
}
