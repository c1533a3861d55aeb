import { numberValue } from "../../systemd/unit-values.ts";
import { invalid, type ServiceDraft } from "./draft.ts";
import { valueFlags } from "./flags.ts";

/** `--user` of User= and Group=. */
export function userFlags(draft: ServiceDraft): string[] {
  const [user, group] = [draft.given("User"), draft.given("Group")];
  if (user === undefined) {
    if (group !== undefined) throw invalid("invalid Group set without User");
    return [];
  }
  return ["--user", group === undefined ? user : `${user}:${group}`];
}

/** Flags of the user namespace. `manual` maps are a container's and a pod's alone. */
export function userNamespaceFlags(draft: ServiceDraft, manual: boolean): string[] {
  const flags = [
    ...valueFlags(draft, [["UserNS", "--userns"]]),
    ...draft.list("UIDMap").flatMap((map) => ["--uidmap", map]),
    ...draft.list("GIDMap").flatMap((map) => ["--gidmap", map]),
    ...valueFlags(draft, [
      ["SubUIDMap", "--subuidname"],
      ["SubGIDMap", "--subgidname"],
    ]),
  ];
  if (flags.length === 0) return remapFlags(draft, manual);
  if (["RemapUid", "RemapGid", "RemapUsers"].some((key) => draft.value(key) !== undefined))
    throw invalid("deprecated Remap keys are set along with explicit mapping keys");
  return flags;
}

/** The keys of old for the same. */
function remapFlags(draft: ServiceDraft, manual: boolean): string[] {
  const [uids, gids] = [draft.list("RemapUid"), draft.list("RemapGid")];
  const mode = draft.value("RemapUsers") ?? "";
  switch (mode) {
    case "":
      if (uids.length > 0) throw invalid("UidMap set without RemapUsers");
      if (gids.length > 0) throw invalid("GidMap set without RemapUsers");
      return [];
    case "manual":
      if (!manual) throw invalid("RemapUsers=manual is not supported");
      return [...uids.flatMap((map) => ["--uidmap", map]), ...gids.flatMap((map) => ["--gidmap", map])];
    case "auto": {
      const size = numberValue(draft.unit, draft.section, "RemapUidSize") ?? 0;
      return userns("auto", [
        ...uids.map((map) => `uidmapping=${map}`),
        ...gids.map((map) => `gidmapping=${map}`),
        ...(size > 0 ? [`size=${size}`] : []),
      ]);
    }
    case "keep-id":
      if (uids.length > 1) throw invalid("RemapUsers=keep-id supports only a single value for UID mapping");
      if (gids.length > 1) throw invalid("RemapUsers=keep-id supports only a single value for GID mapping");
      return userns("keep-id", [...uids.map((uid) => `uid=${uid}`), ...gids.map((gid) => `gid=${gid}`)]);
    default:
      throw invalid(`unsupported RemapUsers option '${mode}'`);
  }
}

function userns(mode: string, options: readonly string[]): string[] {
  return ["--userns", options.length === 0 ? mode : `${mode}:${options.join(",")}`];
}
