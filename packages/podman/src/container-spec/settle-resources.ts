import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerConfig } from "../containers/config.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { SettleContext } from "./settle-context.ts";

/** Limits and kernel parameters, as far as they can be asked for; what containers.conf says of all containers is put in. */
export function settleResources(spec: ContainerSpec, { cgroupVersion, defaults }: SettleContext): ContainerConfig["resources"] {
  const { resources } = spec;
  const own = resources.unified ?? {};
  if (cgroupVersion !== 2 && Object.keys(own).length > 0)
    throw new ToolError("invalid-argument", "cannot use --cgroup-conf without cgroup v2");
  const unified = cgroupVersion === 2 ? { ...defaults.cgroupConf, ...own } : own;
  requireOwnNamespaces(spec);
  return { ...resources, unified, cgroups: resources.cgroups ?? configuredCgroups(defaults.cgroups) };
}

function configuredCgroups(text: string): ContainerConfig["resources"]["cgroups"] {
  return text === "disabled" || text === "no-conmon" || text === "split" ? text : "enabled";
}

/** A kernel parameter of a namespace that is the host's would change the host. */
function requireOwnNamespaces({ resources, network, namespaces }: ContainerSpec): void {
  for (const [name, value] of Object.entries(resources.sysctls ?? {})) {
    const kind = name.startsWith("net.")
      ? network.mode?.kind === "host" && "Network"
      : /^(kernel\.(msg|sem|shm)|fs\.mqueue\.)/.test(name) && namespaces.ipc?.kind === "host" && "IPC";
    if (kind !== false)
      throw new ToolError("invalid-argument", `sysctl ${name}=${value} can't be set since ${kind} Namespace set to host: invalid argument`);
  }
}

export function settleCgroupParent({ resources }: ContainerSpec, { cgroupManager }: SettleContext): string {
  const { cgroups, cgroupParent = "" } = resources;
  if (cgroups === "disabled" && cgroupParent !== "") {
    throw new ToolError("invalid-argument", "cannot set cgroup parent if not creating cgroups: invalid argument");
  }
  if (cgroupParent === "") return "";
  const isSlice = cgroupParent.endsWith(".slice");
  if (cgroupManager === "systemd" && !isSlice) {
    const message = "did not receive systemd slice as cgroup parent when using systemd to manage cgroups: invalid argument";
    throw new ToolError("invalid-argument", message);
  }
  if (cgroupManager === "cgroupfs" && isSlice) {
    throw new ToolError("invalid-argument", "systemd slice received as cgroup parent when using cgroupfs: invalid argument");
  }
  return cgroupParent;
}
