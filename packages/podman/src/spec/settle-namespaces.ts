import type { NamespaceConfig } from "../containers/config.ts";
import type { ContainerSpec, NamespaceMode } from "./container-spec.ts";
import type { SettleContext } from "./settle-config.ts";

interface SettledNamespaces {
  readonly config: NamespaceConfig;
  /** Ids of the containers whose namespaces are shared. */
  readonly dependencies: readonly string[];
}

/** Namespaces other than the network's, with names of containers turned into ids. */
export function settleNamespaces(spec: ContainerSpec, context: SettleContext): SettledNamespaces {
  const { defaults, cgroupVersion } = context;
  const asked = spec.namespaces;
  const dependencies: string[] = context.userNamespace?.dependency === undefined ? [] : [context.userNamespace.dependency];
  const settle = (mode: NamespaceMode | undefined, fallback: NamespaceMode): NamespaceMode => {
    if (mode?.kind !== "container") return mode ?? fallback;
    const { id } = context.resolveContainer(mode.container);
    dependencies.push(id);
    return { kind: "container", container: id };
  };
  const config: NamespaceConfig = {
    pid: settle(asked.pid, byName(defaults.pidns, "private")),
    ipc: settle(asked.ipc, byName(defaults.ipcns, "shareable")),
    uts: settle(
      asked.uts,
      spec.network.mode?.kind === "host" && spec.hostname === undefined ? { kind: "host" } : byName(defaults.utsns, "private"),
    ),
    // A cgroup namespace hides nothing useful on v1, where every controller has a path of its own.
    cgroup: settle(asked.cgroup, byName(defaults.cgroupns, cgroupVersion === 2 ? "private" : "host")),
    user: context.userNamespace?.mode ?? "",
  };
  return { config, dependencies };
}

function byName(name: string, fallback: "private" | "host" | "shareable"): NamespaceMode {
  return name === "host" || name === "private" || name === "shareable" ? { kind: name } : { kind: fallback };
}
