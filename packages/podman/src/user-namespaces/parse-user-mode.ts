import { ToolError } from "@containers/common/errors/tool-error";
import type { UserNamespaceMode } from "../container-spec/namespace-spec.ts";

/**
 * What `--userns`, PODMAN_USERNS or containers.conf's `userns` say; undefined for nothing.
 *
 * @throws invalid-argument for what is no mode, or an option that the mode does not have
 */
export function parseUserMode(text: string): UserNamespaceMode | undefined {
  if (text === "") return undefined;
  const colon = text.indexOf(":");
  const word = colon === -1 ? text : text.slice(0, colon);
  const rest = colon === -1 ? undefined : text.slice(colon + 1);
  switch (word) {
    case "auto": {
      const { size, uidmapping, gidmapping } = optionsOf(rest, ["size", "uidmapping", "gidmapping"]);
      return { kind: "auto", text, ...numbered("size", size?.at(-1)), uidMappings: uidmapping ?? [], gidMappings: gidmapping ?? [] };
    }
    case "keep-id": {
      const { uid, gid, size } = optionsOf(rest, ["uid", "gid", "size"]);
      return { kind: "keep-id", ...numbered("uid", uid?.at(-1)), ...numbered("gid", gid?.at(-1)), ...numbered("size", size?.at(-1)) };
    }
    case "host":
    case "nomap":
      if (rest === undefined) return { kind: word };
      break;
    case "private":
      if (rest === undefined) return { kind: "maps", uidMaps: [], gidMaps: [] };
      break;
    case "container":
      if (rest !== undefined && rest !== "") return { kind: "container", container: rest };
      break;
    case "ns":
      if (rest !== undefined && rest !== "") return { kind: "path", path: rest };
      break;
    default:
      break;
  }
  throw new ToolError("invalid-argument", `unrecognized namespace mode ${text} passed`);
}

function optionsOf<const Key extends string>(text: string | undefined, keys: readonly Key[]): Partial<Record<Key, string[]>> {
  const found: Partial<Record<Key, string[]>> = {};
  if (text === undefined) return found;
  for (const option of text.split(",")) {
    const equals = option.indexOf("=");
    if (equals === -1) throw new ToolError("invalid-argument", `invalid option specified: ${JSON.stringify(option)}`);
    const name = option.slice(0, equals);
    const key = keys.find((known) => known === name);
    if (key === undefined) throw new ToolError("invalid-argument", `unknown option specified: ${JSON.stringify(name)}`);
    const values = found[key] ?? [];
    values.push(option.slice(equals + 1));
    found[key] = values;
  }
  return found;
}

function numbered<const Key extends string>(key: Key, text: string | undefined): Partial<Record<Key, number>> {
  if (text === undefined) return {};
  if (!/^\d+$/.test(text)) throw new ToolError("invalid-argument", `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  const found: Partial<Record<Key, number>> = {};
  found[key] = Number(text);
  return found;
}
