import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { IdMapSpec, NamespaceMode, NamespaceSpec, SecuritySpec, UserNamespaceMode } from "../../spec/container-spec.ts";

export const securityFlags = defineFlags({
  "cap-add": { type: "stringSlice", description: "Add a capability" },
  "cap-drop": { type: "stringSlice", description: "Drop a capability" },
  privileged: { type: "bool", description: "Give the container the rights of the caller" },
  "security-opt": { type: "stringArray", description: "Security option (seccomp=, label=, apparmor=, mask=, unmask=, no-new-privileges)" },
});

export const namespaceFlags = defineFlags({
  cgroupns: { type: "string", description: "Cgroup namespace: host, private, container:ID, ns:PATH" },
  gidmap: { type: "stringSlice", description: "Map of group ids (container:host:size)" },
  ipc: { type: "string", description: "IPC namespace: host, private, shareable, none, container:ID, ns:PATH" },
  pid: { type: "string", description: "Process namespace: host, private, container:ID, ns:PATH" },
  uidmap: { type: "stringSlice", description: "Map of user ids (container:host:size)" },
  userns: { type: "string", description: "User namespace: host, keep-id, nomap, auto, container:ID, ns:PATH" },
  uts: { type: "string", description: "Host name namespace: host, private, container:ID, ns:PATH" },
});

/** The part of a spec that {@link securityFlags} say. */
export function securitySpec(values: FlagValues<typeof securityFlags>): SecuritySpec {
  const spec: { -readonly [Key in keyof SecuritySpec]: SecuritySpec[Key] } = {
    privileged: values.privileged,
    capAdd: values.capAdd,
    capDrop: values.capDrop,
    securityOptions: values.securityOpt,
  };
  const labelOptions: string[] = [];
  const mask: string[] = [];
  const unmask: string[] = [];
  for (const option of values.securityOpt) {
    const [, key = option, value] = /^([^=:]+)[=:](.*)$/s.exec(option) ?? [];
    if (option === "no-new-privileges") spec.noNewPrivileges = true;
    else if (value === undefined) throw new ToolError("invalid-argument", `invalid --security-opt 1: ${JSON.stringify(option)}`);
    else if (key === "no-new-privileges") spec.noNewPrivileges = value === "true";
    else if (key === "seccomp") spec.seccompProfile = value;
    else if (key === "apparmor") spec.apparmorProfile = value;
    else if (key === "label") labelOptions.push(value);
    else if (key === "mask") mask.push(...value.split(":"));
    else if (key === "unmask") unmask.push(...(value === "ALL" ? ["ALL"] : value.split(":")));
    else if (key === "proc-opts" || key === "credspec") throw new ToolError("unsupported", `--security-opt ${key} is not supported yet`);
    else throw new ToolError("invalid-argument", `invalid --security-opt 2: ${JSON.stringify(option)}`);
  }
  return { ...spec, labelOptions, mask, unmask };
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

function userMode({ userns, uidmap, gidmap }: FlagValues<typeof namespaceFlags>): UserNamespaceMode | undefined {
  if (uidmap.length > 0 || gidmap.length > 0) {
    if (userns !== undefined && userns !== "" && userns !== "private")
      throw new ToolError("invalid-argument", "--userns and --uidmap/--gidmap cannot be set together");
    const uidMap = uidmap.map((text) => parseIdMap("UID", text));
    const gidMap = gidmap.map((text) => parseIdMap("GID", text));
    return { kind: "maps", uidMap: uidMap.length > 0 ? uidMap : gidMap, gidMap: gidMap.length > 0 ? gidMap : uidMap };
  }
  if (userns === undefined || userns === "") return undefined;
  const colon = userns.indexOf(":");
  const word = colon === -1 ? userns : userns.slice(0, colon);
  const rest = colon === -1 ? "" : userns.slice(colon + 1);
  switch (word) {
    case "host":
    case "nomap":
      return { kind: word };
    case "keep-id": {
      const options = numbers(userns, rest, ["uid", "gid"]);
      return { kind: "keep-id", uid: options.uid, gid: options.gid };
    }
    case "auto":
      return { kind: "auto", size: numbers(userns, rest, ["size"]).size };
    case "container":
      return { kind: "container", container: rest };
    case "ns":
      return { kind: "path", path: rest };
    default:
      throw new ToolError("invalid-argument", `unrecognized namespace mode ${userns} passed to --userns`);
  }
}

function numbers<const Key extends string>(whole: string, text: string, keys: readonly Key[]): Partial<Record<Key, number>> {
  const found: Partial<Record<Key, number>> = {};
  for (const setting of text.split(",").filter((part) => part !== "")) {
    const [name, value = ""] = setting.split("=");
    const key = keys.find((known) => known === name);
    if (key === undefined || !/^\d+$/.test(value))
      throw new ToolError("invalid-argument", `unknown option specified: ${JSON.stringify(setting)} in ${JSON.stringify(whole)}`);
    found[key] = Number(value);
  }
  return found;
}

function parseIdMap(kind: string, text: string): IdMapSpec {
  const match = /^(\d+):(\d+)(?::(\d+))?$/.exec(text);
  if (match === null)
    throw new ToolError(
      "invalid-argument",
      `initializing ${kind} mappings: ${JSON.stringify(text)} should be of the form container-id:host-id:size`,
    );
  return { containerId: Number(match[1]), hostId: Number(match[2]), size: Number(match[3] ?? 1) };
}
