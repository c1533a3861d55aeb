import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { NamespaceMode, NamespaceSpec, UserNamespaceMode } from "../../container-spec/namespace-spec.ts";
import { securityOfOptions } from "../../container-spec/security-options.ts";
import type { SecuritySpec } from "../../container-spec/security-spec.ts";
import { parseUserMode } from "../../user-namespaces/parse-user-mode.ts";

export const securityFlags = defineFlags({
  "cap-add": { type: "stringSlice", description: "Add a capability" },
  "cap-drop": { type: "stringSlice", description: "Drop a capability" },
  privileged: { type: "bool", description: "Give the container the rights of the caller" },
  "seccomp-policy": {
    type: "string",
    description: "Whose seccomp profile applies: default, or the image's (default, image)",
  },
  "security-opt": { type: "stringArray", description: "Security option (seccomp=, label=, apparmor=, mask=, unmask=, no-new-privileges)" },
});

export const namespaceFlags = defineFlags({
  cgroupns: { type: "string", description: "Cgroup namespace: host, private, container:ID, ns:PATH" },
  gidmap: { type: "stringSlice", description: "Map of group ids ([+ug]container:[@]host[:size])" },
  ipc: { type: "string", description: "IPC namespace: host, private, shareable, none, container:ID, ns:PATH" },
  pid: { type: "string", description: "Process namespace: host, private, container:ID, ns:PATH" },
  subgidname: { type: "string", description: "Use the group ids that /etc/subgid gives this user" },
  subuidname: { type: "string", description: "Use the user ids that /etc/subuid gives this user" },
  uidmap: { type: "stringSlice", description: "Map of user ids ([+ug]container:[@]host[:size])" },
  userns: { type: "string", description: "User namespace: host, keep-id, nomap, auto, container:ID, ns:PATH" },
  uts: { type: "string", description: "Host name namespace: host, private, container:ID, ns:PATH" },
});

/** The part of a spec that {@link securityFlags} say. */
export function securitySpec(values: FlagValues<typeof securityFlags>, given: (flag: string) => boolean = () => true): SecuritySpec {
  return {
    privileged: given("privileged") ? values.privileged : undefined,
    capAdd: values.capAdd,
    capDrop: values.capDrop,
    ...(seccompPolicy(values.seccompPolicy) === "image" ? { seccompOfImage: true } : {}),
    ...securityOfOptions(values.securityOpt),
  };
}

function seccompPolicy(text: string | undefined): "default" | "image" {
  if (text === undefined || text === "" || text === "default") return "default";
  if (text === "image") return "image";
  throw new ToolError("invalid-argument", `invalid seccomp policy ${JSON.stringify(text)}: valid policies are ["default" "image"]`);
}

/** The part of a spec that {@link namespaceFlags} say. */
export function namespaceSpec(values: FlagValues<typeof namespaceFlags>): NamespaceSpec {
  return {
    pid: namespaceMode("pid", values.pid),
    ipc: ipcMode(values.ipc),
    uts: namespaceMode("uts", values.uts),
    cgroup: namespaceMode("cgroupns", values.cgroupns),
    user: userMode(values),
  };
}

function ipcMode(text: string | undefined): NamespaceMode | undefined {
  return text === "none" || text === "shareable" ? { kind: text } : namespaceMode("ipc", text);
}

function namespaceMode(flag: string, text: string | undefined): NamespaceMode | undefined {
  if (text === undefined || text === "") return undefined;
  if (text === "host" || text === "private") return { kind: text };
  const [, kind, rest = ""] = /^(container|ns):(.+)$/.exec(text) ?? [];
  if (kind === "container") return { kind, container: rest };
  if (kind === "ns") return { kind: "path", path: rest };
  throw new ToolError("invalid-argument", `unrecognized namespace mode ${text} passed to --${flag}`);
}

function userMode(values: FlagValues<typeof namespaceFlags>): UserNamespaceMode | undefined {
  const { userns, uidmap, gidmap, subuidname, subgidname } = values;
  if (uidmap.length > 0 || gidmap.length > 0 || subuidname || subgidname) {
    if (userns !== undefined) {
      throw new ToolError("invalid-argument", "--userns and --uidmap/--gidmap/--subuidname/--subgidname are mutually exclusive");
    }
    return {
      kind: "maps",
      uidMaps: uidmap,
      gidMaps: gidmap,
      ...(subuidname ? { subuidName: subuidname } : {}),
      ...(subgidname ? { subgidName: subgidname } : {}),
    };
  }
  return parseUserMode(userns || (process.env.PODMAN_USERNS ?? ""));
}
