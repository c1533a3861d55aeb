import { ToolError } from "@containers/common/errors/tool-error";
import type { NamespaceType } from "@containers/common/spec-builder/runtime-spec";
import type { NamespaceMode } from "../../container-spec/namespace-spec.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";

export type SpecNamespace = { readonly type: NamespaceType; readonly path?: string };

/** The namespaces of the spec: one that is not listed is the host's. */
export function buildNamespaces(engine: Pick<Engine, "state">, config: ContainerConfig, netnsPath: string | undefined): SpecNamespace[] {
  const { pid, ipc, uts, cgroup } = config.namespaces;
  return [
    ...fromMode(engine, "pid", pid),
    ...networkNamespace(engine, config, netnsPath),
    ...fromMode(engine, "ipc", ipc),
    ...fromMode(engine, "uts", uts),
    { type: "mount" },
    ...fromMode(engine, "cgroup", cgroup),
    ...userNamespace(engine, config),
  ];
}

/** Path of a namespace of a running container; invalid-state when it does not run. */
function containerNamespacePath(engine: Pick<Engine, "state">, id: string, type: NamespaceType): string {
  const container = engine.state.containers.get(id);
  if (container === undefined) throw new ToolError("not-found", `no container with name or ID "${id}" found: no such container`);
  if (container.state.pid <= 0) {
    throw new ToolError("invalid-state", `cannot join the ${type} namespace of container ${container.config.name}: it is not running`);
  }
  return `/proc/${container.state.pid}/ns/${FILES[type]}`;
}

const FILES: Readonly<Record<NamespaceType, string>> = {
  pid: "pid",
  network: "net",
  ipc: "ipc",
  uts: "uts",
  mount: "mnt",
  user: "user",
  cgroup: "cgroup",
};

function fromMode(engine: Pick<Engine, "state">, type: NamespaceType, mode: NamespaceMode): SpecNamespace[] {
  switch (mode.kind) {
    case "host":
      return [];
    case "private":
    case "shareable":
    case "none":
      return [{ type }];
    case "path":
      return [{ type, path: mode.path }];
    case "container":
      return [{ type, path: containerNamespacePath(engine, mode.container, type) }];
  }
}

function userNamespace(engine: Pick<Engine, "state">, config: ContainerConfig): SpecNamespace[] {
  const joined = config.joinedUserNamespace;
  if (joined !== undefined) return fromMode(engine, "user", joined);
  return config.idMappings === undefined ? [] : [{ type: "user" }];
}

function networkNamespace(engine: Pick<Engine, "state">, config: ContainerConfig, netnsPath: string | undefined): SpecNamespace[] {
  const { mode } = config.network;
  switch (mode.kind) {
    case "host":
      return [];
    case "none":
      return [{ type: "network" }];
    case "path":
      return [{ type: "network", path: mode.path }];
    case "container":
      return [{ type: "network", path: sharedNetns(engine, mode.container) }];
    default:
      return [netnsPath === undefined ? { type: "network" } : { type: "network", path: netnsPath }];
  }
}

/** A container that itself borrows its network lends on what it borrowed. */
function sharedNetns(engine: Pick<Engine, "state">, id: string): string {
  return engine.state.containers.get(id)?.state.netnsPath ?? containerNamespacePath(engine, id, "network");
}
