import { ToolError } from "@containers/common/errors/tool-error";
import { lookUpUser } from "@containers/common/spec-builder/look-up-user";
import type { Sys } from "@containers/common/sys/sys";

/** `--chown=user[:group]`: names from the container's own files; a lone number is uid and gid. */
export function resolveOwner(sys: Sys, root: string, spec: string): { uid: number; gid: number } {
  const colon = spec.indexOf(":");
  const user = colon === -1 ? spec : spec.slice(0, colon);
  const group = colon === -1 ? "" : spec.slice(colon + 1);
  if (user === "" && group === "") throw new ToolError("invalid-argument", `can't find uid for user ${spec}`);
  if (isId(user) && (group === "" || isId(group))) return { uid: Number(user), gid: Number(group === "" ? user : group) };
  try {
    const found = lookUpUser(sys, root, spec);
    return { uid: found.uid, gid: found.gid };
  } catch (error) {
    throw new ToolError("not-found", `user: unknown user error looking up user ${JSON.stringify(user)}`, { cause: error, exitCode: 125 });
  }
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= 0xffffffff;
}
