import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import type { NamespaceMode, UserNamespaceMode } from "../../container-spec/namespace-spec.ts";
import type { NetworkMode } from "../../container-spec/network-spec.ts";
import { withoutAbsent } from "../present-fields.ts";

export function namespaceFields({ namespaces }: ContainerSpec): Record<string, unknown> {
  return {
    pidns: namespaceField(namespaces.pid),
    utsns: namespaceField(namespaces.uts),
    ipcns: namespaceField(namespaces.ipc),
    cgroupns: namespaceField(namespaces.cgroup),
    ...userFields(namespaces.user),
  };
}

/** A namespace as the API has it; without `nsmode` the service chooses. */
export function namespaceField(mode: NamespaceMode | NetworkMode | undefined): object {
  if (mode === undefined) return {};
  if (mode.kind === "container") return { nsmode: "container", value: mode.container };
  return mode.kind === "path" ? { nsmode: "path", value: mode.path } : { nsmode: mode.kind };
}

/** The user namespace, with the maps that were spelled out. */
export function userFields(mode: UserNamespaceMode | undefined): Record<string, unknown> {
  if (mode === undefined) return {};
  const own = { HostUIDMapping: false, HostGIDMapping: false };
  switch (mode.kind) {
    case "host":
      return { userns: { nsmode: "host" } };
    case "container":
      return { userns: { nsmode: "container", value: mode.container } };
    case "path":
      return { userns: { nsmode: "path", value: mode.path } };
    case "nomap":
      return { userns: { nsmode: "nomap" }, idmappings: own };
    case "keep-id":
      return {
        userns: withoutAbsent({ nsmode: "keep-id", value: pairs({ uid: mode.uid, gid: mode.gid, size: mode.size }) }),
        idmappings: own,
      };
    case "auto":
      return {
        userns: withoutAbsent({ nsmode: "auto", value: mode.text?.replace(/^auto:?/, "") || undefined }),
        idmappings: { ...own, AutoUserNs: true, AutoUserNsOpts: { Size: mode.size ?? 0 } },
      };
    case "maps":
      if (mode.subuidName !== undefined || mode.subgidName !== undefined)
        throw new ToolError("unsupported", "--subuidname and --subgidname are not supported with the remote podman client");
      return {
        userns: { nsmode: "private" },
        idmappings: {
          ...own,
          UIDMap: (mode.uidMaps.length > 0 ? mode.uidMaps : mode.gidMaps).map(idMap),
          GIDMap: (mode.gidMaps.length > 0 ? mode.gidMaps : mode.uidMaps).map(idMap),
        },
      };
  }
}

function pairs(values: Readonly<Record<string, number | undefined>>): string | undefined {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return known.length === 0 ? undefined : known.map(([key, value]) => `${key}=${value}`).join(",");
}

/** Plain maps alone: what `+` and `@` mean is known on the service's machine only. */
function idMap(text: string): object {
  const [, container, host, size = "1"] = /^(\d+):(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (container === undefined)
    throw new ToolError(
      "unsupported",
      `the mapping ${JSON.stringify(text)} is not supported with the remote podman client: use CONTAINER:HOST:SIZE`,
    );
  return { container_id: Number(container), host_id: Number(host), size: Number(size) };
}
