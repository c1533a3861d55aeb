import { existsSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { ContainerConfig, NamespaceConfig } from "../containers/config.ts";
import type { ContainerSpec } from "./container-spec.ts";
import type { NamespaceMode } from "./namespace-spec.ts";
import type { SettleContext } from "./settle-context.ts";

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
  const settle = (name: string, mode: NamespaceMode | undefined, fallback: NamespaceMode): NamespaceMode => {
    if (mode?.kind === "path") requirePath(name, mode.path);
    if (mode?.kind !== "container") return mode ?? fallback;
    const { id } = lender(name.toLowerCase(), mode.container, context);
    dependencies.push(id);
    return { kind: "container", container: id };
  };
  const config: NamespaceConfig = {
    pid: settle("PID", asked.pid, byName(defaults.pidns, "private")),
    ipc: settle("IPC", shareableIpc(asked.ipc, context), byName(defaults.ipcns, "shareable")),
    uts: settle("UTS", asked.uts, byName(defaults.utsns, "private")),
    // A cgroup namespace hides nothing useful on v1, where every controller has a path of its own.
    cgroup: settle("cgroup", asked.cgroup, byName(defaults.cgroupns, cgroupVersion === 2 ? "private" : "host")),
    user: context.userNamespace?.mode ?? "",
  };
  return { config, dependencies };
}

/** @throws invalid-argument when the container that lends its ipc namespace keeps it to itself */
function shareableIpc(mode: NamespaceMode | undefined, context: SettleContext): NamespaceMode | undefined {
  if (mode?.kind !== "container") return mode;
  const { id, namespaces } = lender("ipc", mode.container, context);
  if (namespaces.ipc.kind === "private" || namespaces.ipc.kind === "none")
    throw new ToolError(
      "invalid-argument",
      `joining IPC of container ${id} is not allowed: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    );
  return mode;
}

function requirePath(name: string, path: string): void {
  if (!existsSync(path))
    throw new ToolError("invalid-argument", `cannot find specified ${name} namespace path: faccessat ${path}: no such file or directory`);
}

/** The container that shares its namespace. @throws not-found, which says what it was looked up for */
export function lender(name: string, reference: string, { resolveContainer }: SettleContext): ContainerConfig {
  try {
    return resolveContainer(reference);
  } catch (error) {
    throw wrapError(`looking up container to share ${name} namespace with`, error);
  }
}

function byName(name: string, fallback: "private" | "host" | "shareable"): NamespaceMode {
  return name === "host" || name === "private" || name === "shareable" ? { kind: name } : { kind: fallback };
}
