import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { NamespaceMode, NamespaceSpec, UserNamespaceMode } from "../../container-spec/namespace-spec.ts";
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
  const spec: { -readonly [Key in keyof SecuritySpec]: SecuritySpec[Key] } = {
    privileged: given("privileged") ? values.privileged : undefined,
    capAdd: values.capAdd,
    capDrop: values.capDrop,
    securityOptions: values.securityOpt,
    ...(seccompPolicy(values.seccompPolicy) === "image" ? { seccompOfImage: true } : {}),
  };
  const labelOptions: string[] = [];
  const procOptions: string[] = [];
  const mask: string[] = [];
  const unmask: string[] = [];
  for (const option of values.securityOpt) {
    const [, key = option, value] = /^([^=:]+)[=:](.*)$/s.exec(option) ?? [];
    if (option === "no-new-privileges") spec.noNewPrivileges = true;
    else if (value === undefined) throw new ToolError("invalid-argument", `invalid --security-opt 1: ${JSON.stringify(option)}`);
    else if (key === "no-new-privileges" && isBoolean(value)) spec.noNewPrivileges = isTrue(value);
    else if (key === "seccomp") spec.seccompProfile = value;
    else if (key === "apparmor") spec.apparmorProfile = value;
    else if (key === "label") labelOptions.push(value);
    else if (key === "mask") mask.push(...value.split(":"));
    else if (key === "unmask") unmask.push(...(value.toUpperCase() === "ALL" ? ["ALL"] : value.split(":")));
    else if (key === "proc-opts") procOptions.push(...value.split(","));
    else if (option === "systempaths=unconfined") unmask.push("ALL");
    else throw new ToolError("invalid-argument", `invalid --security-opt 2: ${JSON.stringify(option)}`);
  }
  return { ...spec, labelOptions, mask, unmask, ...(procOptions.length === 0 ? {} : { procOptions }) };
}

function isTrue(text: string): boolean {
  return /^(1|t|true)$/i.test(text);
}

function isBoolean(text: string): boolean {
  return isTrue(text) || /^(0|f|false)$/i.test(text);
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
