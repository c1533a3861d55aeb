import { ToolError } from "@containers/common/errors/tool-error";
import type { NamespaceMode, NamespaceSpec, UserNamespaceMode } from "../../container-spec/namespace-spec.ts";
import { parseUserMode } from "../../user-namespaces/parse-user-mode.ts";
import type { SpecGenerator } from "./spec-generator-shape.ts";

/** A namespace as it goes over the wire: `{nsmode, value}`. */
type WireNamespace = SpecGenerator["pidns"];

/** The namespaces of a SpecGenerator, but that of the network. */
export function readNamespaces(wire: SpecGenerator): NamespaceSpec {
  return {
    pid: readNamespace(wire.pidns),
    ipc: readIpc(wire.ipcns),
    uts: readNamespace(wire.utsns),
    cgroup: readNamespace(wire.cgroupns),
    user: readUserNamespace(wire.userns, wire.idmappings),
  };
}

/** @throws invalid-argument for a mode that no namespace has */
export function readNamespace(namespace: WireNamespace): NamespaceMode | undefined {
  const { nsmode = "", value = "" } = namespace ?? {};
  switch (nsmode) {
    case "":
    case "default":
    case "pod":
      return undefined;
    case "host":
    case "private":
      return { kind: nsmode };
    case "container":
      return { kind: "container", container: requireValue(nsmode, value) };
    case "path":
      return { kind: "path", path: requireValue(nsmode, value) };
    default:
      throw new ToolError("invalid-argument", `invalid config provided: invalid namespace type ${JSON.stringify(nsmode)}`);
  }
}

function readIpc(namespace: WireNamespace): NamespaceMode | undefined {
  const mode = namespace?.nsmode;
  return mode === "none" || mode === "shareable" ? { kind: mode } : readNamespace(namespace);
}

/** The user namespace of a container or pod; its maps come as numbers. */
export function readUserNamespace(namespace: WireNamespace, maps: SpecGenerator["idmappings"]): UserNamespaceMode | undefined {
  const { nsmode = "", value = "" } = namespace ?? {};
  const colonValue = value === "" ? "" : `:${value}`;
  switch (nsmode) {
    case "":
    case "default":
    case "pod":
      return undefined;
    case "no-map":
    case "nomap":
      return { kind: "nomap" };
    case "host":
      return { kind: "host" };
    case "private":
      return { kind: "maps", uidMaps: mapTexts(maps?.UIDMap), gidMaps: mapTexts(maps?.GIDMap) };
    case "path":
      return { kind: "path", path: requireValue(nsmode, value) };
    default:
      return parseUserMode(`${nsmode}${colonValue}`);
  }
}

function mapTexts(maps: NonNullable<SpecGenerator["idmappings"]>["UIDMap"] = []): string[] {
  return maps.map(({ container_id: container = 0, host_id: host = 0, size = 0 }) => `${container}:${host}:${size}`);
}

function requireValue(mode: string, value: string): string {
  if (value !== "") return value;
  const what = mode === "container" ? "container" : "namespace path";
  throw new ToolError("invalid-argument", `invalid config provided: must provide a ${what} with namespace mode ${mode}`);
}
